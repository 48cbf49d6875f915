import type { DescExtension, DescFile, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";

/** Where the types, members and extensions of a set of services are declared. */
export type DescriptorIndex = {
  /** By name, as in `parley/v1/chat.proto`. */
  readonly files: ReadonlyMap<string, DescFile>;
  /** By full name: services, methods, messages, fields, oneofs, enums, their values and extensions. */
  readonly symbols: ReadonlyMap<string, DescFile>;
  /** By the full name of the message extended. */
  readonly extensions: ReadonlyMap<string, readonly DescExtension[]>;
  /** By full name, the messages alone. */
  readonly messages: ReadonlySet<string>;
};

/** Indexes the files that declare `services` and all that those import. */
export function indexDescriptors(services: readonly DescService[]): DescriptorIndex {
  const files = new Map<string, DescFile>();
  for (const service of services) for (const file of withImports(service.file)) files.set(file.proto.name, file);
  const symbols = new Map<string, DescFile>();
  const extensions = new Map<string, DescExtension[]>();
  const messages = new Set<string>();
  for (const file of files.values()) {
    for (const type of nestedTypes(file)) {
      for (const name of [type.typeName, ...memberNames(type)]) symbols.set(name, file);
      if (type.kind === "message") messages.add(type.typeName);
      if (type.kind !== "extension") continue;
      const extendee = type.extendee.typeName;
      extensions.set(extendee, [...(extensions.get(extendee) ?? []), type]);
    }
  }
  return { files, symbols, extensions, messages };
}

/** A file and everything it imports, directly or not, each once; the file itself comes first. */
export function withImports(file: DescFile): DescFile[] {
  const found = new Set([file]);
  for (const each of found) for (const imported of each.dependencies) found.add(imported);
  return [...found];
}

type NestedType = ReturnType<typeof nestedTypes> extends Iterable<infer T> ? T : never;

function memberNames(type: NestedType): string[] {
  switch (type.kind) {
    case "service":
      return type.methods.map(({ name }) => `${type.typeName}.${name}`);
    case "message":
      return type.members.map(({ name }) => `${type.typeName}.${name}`);
    case "enum": // Protobuf names values as siblings of their enum.
      return type.values.map(({ name }) => type.typeName.replace(/[^.]+$/, name));
    case "extension":
      return [];
  }
}
