import type { DescEnum, DescMessage, JsonObject } from "@bufbuild/protobuf";
import type { Examples } from "../example/examples.ts";
import { enumSchema, messageSchema } from "./message-schema.ts";
import type { ProtoComments } from "./proto-comments.ts";

/** The schemas that the document names, which grow as they are referred to. */
export type Components = {
  readonly schemas: Record<string, JsonObject>;
  readonly comments: ProtoComments;
  readonly examples: Examples;
  /** A reference to a type's schema, which is made by the first. */
  refer(type: DescMessage | DescEnum): JsonObject;
};

/**
 * @param own schemas that are no types of the contract; their names are taken
 */
export function createComponents(
  comments: ProtoComments,
  examples: Examples,
  own: Readonly<Record<string, JsonObject>>,
): Components {
  const names = new Map<string, string>();
  const schemas: Record<string, JsonObject> = { ...own };
  const components: Components = {
    schemas,
    comments,
    examples,
    refer(type) {
      const known = names.get(type.typeName);
      const name = known ?? chooseName(type, schemas);
      if (known === undefined) {
        names.set(type.typeName, name);
        schemas[name] = {};
        schemas[name] = type.kind === "enum" ? enumSchema(type, comments) : messageSchema(type, components);
      }
      return { $ref: `#/components/schemas/${name}` };
    },
  };
  return components;
}

/** The name within the package, as in `Chat.Kind`; the full one where that is taken. */
function chooseName(type: DescMessage | DescEnum, taken: Readonly<Record<string, JsonObject>>): string {
  const name = type.typeName.slice(type.file.proto.package.length).replace(/^\./, "");
  return Object.hasOwn(taken, name) ? type.typeName : name;
}
