import type { DescExtension, DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { enumWriter } from "./enum-writer.ts";
import type { JsonWriteOptions } from "./json-writer.ts";
import { scalarWriter, type ValueWriter } from "./scalar-writer.ts";
import { quote } from "./string-writer.ts";
import { structWriter } from "./struct-writer.ts";

/** Writes a message as JSON text. */
export type MessageWriter = (message: Message) => string;

/** What the writers of one set share. */
export type WriterScope = {
  readonly options: JsonWriteOptions;
  /** The writer of a message type, made at its first use; a type can hold itself. */
  message(desc: DescMessage): MessageWriter;
};

type AnyField = DescField | DescExtension;

/** Compiles the writer of what a field or an extension holds in protobuf-es, empty or not. */
export function valueWriter(field: AnyField, scope: WriterScope): ValueWriter {
  const write = itemWriter(field, scope);
  if (field.fieldKind === "list") return (value) => writeList(value as readonly unknown[], write);
  if (field.fieldKind === "map") return (value) => writeMap(value as Record<string, unknown>, write);
  return write;
}

function itemWriter(field: AnyField, scope: WriterScope): ValueWriter {
  if (field.message !== undefined) return messageValueWriter(field, field.message, scope);
  if (field.enum !== undefined) return enumWriter(field.enum, scope.options.enumsAsNumbers ?? false, `${field}`);
  return scalarWriter(field.scalar, `${field}`);
}

/** A Struct is held as its JSON but for that of a Value, and a wrapper as its value where it is alone and not in a oneof. */
function messageValueWriter(field: AnyField, desc: DescMessage, scope: WriterScope): ValueWriter {
  const isOfValue = field.parent?.typeName === "google.protobuf.Value";
  if (desc.typeName === "google.protobuf.Struct" && !isOfValue) return structWriter(`${field}`);
  if (isWrapperDesc(desc) && field.fieldKind === "message" && field.oneof === undefined) {
    return scalarWriter(desc.fields[0].scalar, `${field}`);
  }
  return scope.message(desc) as ValueWriter;
}

function writeList(items: readonly unknown[], write: ValueWriter): string {
  let text = "[";
  for (let index = 0; index < items.length; index++) {
    text += index === 0 ? write(items[index]) : `,${write(items[index])}`;
  }
  return `${text}]`;
}

function writeMap(entries: Readonly<Record<string, unknown>>, write: ValueWriter): string {
  let text = "";
  for (const key of Object.keys(entries)) {
    text += `${text === "" ? "{" : ","}${quote(key)}:${write(entries[key])}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

/**
 * The message, of the type of its writer.
 *
 * @throws Error it is of another type
 */
export function ofType(desc: DescMessage, message: Message): Message {
  if (message.$typeName === desc.typeName || desc.fields.length === 0) return message;
  throw new Error(`cannot write ${message.$typeName} as JSON: expected ${desc.typeName}`);
}
