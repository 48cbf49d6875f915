import type { DescExtension, DescField } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { heldValue, holdsJson } from "../local-message.ts";
import { EnumReader } from "./enum.ts";
import type { MessageReaders } from "./message.ts";
import { scalarReader } from "./scalar.ts";
import { readJsonObject } from "./struct.ts";
import { jsonReader, type ValueReader } from "./value.ts";

/** The reader of a field's value, or of one item of the list or map that it is, as protobuf-es holds it. */
export function fieldValueReader(field: DescField | DescExtension, readers: MessageReaders): ValueReader {
  if (field.enum !== undefined) return new EnumReader(field.enum);
  if (field.scalar !== undefined) {
    return scalarReader(field.scalar, field.fieldKind !== "map" && field.longAsString);
  }
  if (holdsJson(field)) return jsonReader(StructSchema.typeName, readJsonObject);
  const held = heldValue(field);
  return held === undefined ? readers.of(field.message) : scalarReader(held.scalar, held.longAsString);
}
