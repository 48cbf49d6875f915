import { create, type DescMessage } from "@bufbuild/protobuf";
import {
  AnySchema,
  DurationSchema,
  FieldMaskSchema,
  isWrapperDesc,
  ListValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
  type WktWrapperDesc,
} from "@bufbuild/protobuf/wkt";
import { anyReader } from "./any.ts";
import { fieldMaskReader } from "./field-mask.ts";
import type { MessageReaders } from "./message.ts";
import { scalarReader } from "./scalar.ts";
import { readListValue, readStruct, readValue } from "./struct.ts";
import { durationReader, timestampReader } from "./time.ts";
import { jsonReader, type ValueReader } from "./value.ts";

/** The reader of a type whose JSON is not an object of its fields; undefined for all others. */
export function wellKnownReader(desc: DescMessage, readers: MessageReaders): ValueReader | undefined {
  switch (desc.typeName) {
    case TimestampSchema.typeName:
      return timestampReader;
    case DurationSchema.typeName:
      return durationReader;
    case FieldMaskSchema.typeName:
      return fieldMaskReader;
    case StructSchema.typeName:
      return jsonReader(desc.typeName, readStruct);
    case ListValueSchema.typeName:
      return jsonReader(desc.typeName, readListValue);
    case ValueSchema.typeName:
      return jsonReader(desc.typeName, readValue, true);
    case AnySchema.typeName:
      return anyReader(readers);
    default:
      return isWrapperDesc(desc) ? wrapperReader(desc) : undefined;
  }
}

function wrapperReader(desc: WktWrapperDesc): ValueReader {
  const [field] = desc.fields;
  const { read, parse } = scalarReader(field.scalar, field.longAsString);
  return {
    read: (cursor) => create(desc, { value: read(cursor) }),
    parse: (text) => create(desc, { value: parse(text) }),
    takesNull: false,
  };
}
