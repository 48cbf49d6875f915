import { type DescExtension, type DescMessage, getExtension, type Message, type Registry } from "@bufbuild/protobuf";
import type { ValueWriter } from "./scalar-writer.ts";
import { valueWriter, type WriterScope } from "./value-writer.ts";

/** Writes the extensions of a message, each as a member of its object: `"[full.name]":value`. */
export type ExtensionsWriter = (message: Message) => string[];

/** Compiles the writer of a type's extensions, which are unknown fields that the registry knows. */
export function extensionsWriter(desc: DescMessage, registry: Registry, scope: WriterScope): ExtensionsWriter {
  const writers = new Map<DescExtension, ValueWriter>();
  const writerOf = (extension: DescExtension) => {
    const writer = writers.get(extension) ?? valueWriter(extension, scope);
    writers.set(extension, writer);
    return writer;
  };
  return (message) => {
    const members: string[] = [];
    for (const number of new Set(message.$unknown?.map((field) => field.no))) {
      const extension = registry.getExtensionFor(desc, number);
      if (extension === undefined) continue;
      const value = getExtension(message, extension);
      const isEmpty = Array.isArray(value) && value.length === 0;
      if (isEmpty && !scope.options.printDefaults) continue;
      members.push(`${JSON.stringify(extension.jsonName)}:${writerOf(extension)(value)}`);
    }
    return members;
  };
}
