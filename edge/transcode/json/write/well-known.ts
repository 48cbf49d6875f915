import { type DescMessage, type Message, toJson } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, isWrapperDesc, type Timestamp } from "@bufbuild/protobuf/wkt";
import { scalarWriter } from "./scalar-writer.ts";
import { timestampWriter } from "./timestamp-writer.ts";
import { type MessageWriter, ofType, type WriterScope } from "./value-writer.ts";

type Wrapper = Message & { readonly value: unknown };

/** The writer of a type whose JSON is not an object of its fields; undefined for all others. */
export function wellKnownWriter(desc: DescMessage, scope: WriterScope): MessageWriter | undefined {
  if (desc.typeName === "google.protobuf.Timestamp") {
    const write = timestampWriter();
    return (message) => write(ofType(desc, message) as Timestamp);
  }
  if (isWrapperDesc(desc)) {
    const write = scalarWriter(desc.fields[0].scalar, `${desc.fields[0]}`);
    return (message) => write((ofType(desc, message) as Wrapper).value);
  }
  return hasCustomJsonRepresentation(desc) ? libraryWriter(desc, scope) : undefined;
}

/** The types that are rare in answers are left to protobuf-es. */
function libraryWriter(desc: DescMessage, { options }: WriterScope): MessageWriter {
  const { registry, enumsAsNumbers = false, printDefaults = false, protoNames = false } = options;
  const names = { enumAsInteger: enumsAsNumbers, alwaysEmitImplicit: printDefaults, useProtoFieldName: protoNames };
  return (message) => JSON.stringify(toJson(desc, message, { registry, ...names }));
}
