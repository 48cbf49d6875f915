import { type DescMessage, toJson } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, isWrapperDesc, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { MessageWriters } from "./message.ts";
import { ofType } from "./message-type.ts";
import { scalarWriter } from "./scalar.ts";
import { timestampWriter } from "./time.ts";
import type { MessageWriter } from "./value.ts";

/** The writer of a type whose JSON is not an object of its fields; undefined for all others. */
export function wellKnownWriter(desc: DescMessage, writers: MessageWriters): MessageWriter | undefined {
  if (desc.typeName === TimestampSchema.typeName) {
    const write = timestampWriter();
    return (message) => write(ofType(desc, message) as Timestamp);
  }
  if (isWrapperDesc(desc)) {
    const write = scalarWriter(desc.fields[0].scalar, `${desc.fields[0]}`);
    return (message) => write(ofType(desc, message).value);
  }
  return hasCustomJsonRepresentation(desc) ? libraryWriter(desc, writers) : undefined;
}

/** The types that are rare in answers are left to protobuf-es. */
function libraryWriter(desc: DescMessage, { options }: MessageWriters): MessageWriter {
  const { registry, enumsAsNumbers = false, printDefaults = false, protoNames = false } = options;
  const names = { enumAsInteger: enumsAsNumbers, alwaysEmitImplicit: printDefaults, useProtoFieldName: protoNames };
  return (message) => JSON.stringify(toJson(desc, message, { registry, ...names }));
}
