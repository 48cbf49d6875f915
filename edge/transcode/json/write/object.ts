import type { DescMessage } from "@bufbuild/protobuf";
import { extensionsWriter } from "./extension.ts";
import { type FieldWriter, fieldWriter } from "./field.ts";
import type { MessageWriters } from "./message.ts";
import { ofType } from "./message-type.ts";
import type { MessageWriter } from "./value.ts";

/**
 * The writer of a type whose JSON is an object of its fields, which are in the order of their numbers. The fields are
 * compiled when the first message is written, so that a type can hold itself.
 */
export function objectWriter(desc: DescMessage, writers: MessageWriters): MessageWriter {
  const { registry } = writers.options;
  const writeExtensions = registry === undefined ? undefined : extensionsWriter(desc, registry, writers);
  let fields: readonly NamedField[] | undefined;
  return (message) => {
    fields ??= namedFields(desc, writers);
    const local = ofType(desc, message);
    let text = "";
    for (const { first, next, write } of fields) {
      const value = write(local);
      if (value !== undefined) text += (text === "" ? first : next) + value;
    }
    if (message.$unknown !== undefined && writeExtensions !== undefined) {
      for (const member of writeExtensions(message)) text += text === "" ? `{${member}` : `,${member}`;
    }
    return text === "" ? "{}" : `${text}}`;
  };
}

/** A field with what stands before its value where it is the first of its object, and where it is not. */
type NamedField = { readonly first: string; readonly next: string; readonly write: FieldWriter };

function namedFields(desc: DescMessage, writers: MessageWriters): NamedField[] {
  const { protoNames = false, printDefaults = false } = writers.options;
  return desc.fields
    .toSorted((one, other) => one.number - other.number)
    .map((field) => {
      const name = JSON.stringify(protoNames ? field.name : field.jsonName);
      return { first: `{${name}:`, next: `,${name}:`, write: fieldWriter(field, writers, printDefaults) };
    });
}
