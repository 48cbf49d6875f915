import { type DescExtension, type DescMessage, getExtension, type Message, type Registry } from "@bufbuild/protobuf";
import { fieldValueWriter } from "./field-value.ts";
import type { MessageWriters } from "./message.ts";
import type { ValueWriter } from "./value.ts";

/** Writes the extensions of a message, each as a member of its object: `"[full.name]":value`. */
export type ExtensionsWriter = (message: Message) => string[];

/** Compiles the writer of a type's extensions, which are unknown fields that the registry knows. */
export function extensionsWriter(desc: DescMessage, registry: Registry, writers: MessageWriters): ExtensionsWriter {
  const made = new Map<DescExtension, ValueWriter>();
  const writerOf = (extension: DescExtension) => {
    const writer = made.get(extension) ?? fieldValueWriter(extension, writers);
    made.set(extension, writer);
    return writer;
  };
  return (message) => {
    const members: string[] = [];
    for (const number of new Set(message.$unknown?.map((field) => field.no))) {
      const extension = registry.getExtensionFor(desc, number);
      if (extension === undefined) continue;
      const value = getExtension(message, extension);
      const isEmpty = Array.isArray(value) && value.length === 0;
      if (isEmpty && !writers.options.printDefaults) continue;
      members.push(`${JSON.stringify(extension.jsonName)}:${writerOf(extension)(value)}`);
    }
    return members;
  };
}
