import type { DescExtension, DescField, Message } from "@bufbuild/protobuf";
import { isWrapperDesc, StructSchema, ValueSchema, type WktWrapperDesc } from "@bufbuild/protobuf/wkt";

/** A message as protobuf-es holds it, by the local names of its fields and oneofs. */
export type LocalMessage = Message & Record<string, unknown>;

/** Whether protobuf-es holds what a field has, or an item or entry of it, as JSON: a Struct of any field but Value's. */
export function holdsJson(field: DescField | DescExtension): boolean {
  return field.message?.typeName === StructSchema.typeName && field.parent?.typeName !== ValueSchema.typeName;
}

/**
 * The `value` of the wrapper in whose place protobuf-es holds its value: that of a singular field that is no member of
 * a oneof. Undefined for all other fields.
 */
export function heldValue(field: DescField | DescExtension): WktWrapperDesc["fields"][0] | undefined {
  const isAlone = field.fieldKind === "message" && field.oneof === undefined;
  return isAlone && isWrapperDesc(field.message) ? field.message.fields[0] : undefined;
}
