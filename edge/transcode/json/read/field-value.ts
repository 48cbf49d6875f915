import type { DescExtension, DescField } from "@bufbuild/protobuf";
import { isWrapperDesc, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { enumReader } from "./enum-reader.ts";
import { notOneText } from "./json-problem.ts";
import type { MessageReaders } from "./message-readers.ts";
import { scalarReader } from "./scalar-reader.ts";
import { readJsonObject } from "./struct-reader.ts";
import type { ValueReader } from "./value-reader.ts";

/**
 * The reader of a field's value, or of one item of the list or map that it is.
 *
 * What a singular field that is no member of a oneof holds of a wrapper is its value, and of a Struct any field but
 * Value's holds its JSON: so does protobuf-es.
 */
export function fieldValueReader(field: DescField | DescExtension, readers: MessageReaders): ValueReader {
  if (field.enum !== undefined) return enumReader(field.enum);
  if (field.scalar !== undefined) {
    return scalarReader(field.scalar, field.fieldKind !== "map" && field.longAsString);
  }
  const { message } = field;
  if (message.typeName === StructSchema.typeName && field.parent?.typeName !== ValueSchema.typeName)
    return structReader;
  if (field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(message)) {
    const [value] = message.fields;
    return scalarReader(value.scalar, value.longAsString);
  }
  return readers.of(message);
}

const structReader: ValueReader = {
  read: readJsonObject,
  parse: () => {
    throw notOneText(StructSchema.typeName);
  },
  takesNull: false,
};
