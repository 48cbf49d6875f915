import { type DescField, type DescMessage, getOption, type JsonObject } from "@bufbuild/protobuf";
import { FieldBehavior } from "../../../gen/google/api/field_behavior_pb.ts";
import { resource_reference } from "../../../gen/google/api/resource_pb.ts";
import { hasBehavior } from "../../transcode/index.ts";
import type { Resource } from "../open-api/resource-pattern.ts";

/** Names of resources, whose variables have the same values everywhere. */
export class ResourceNames {
  readonly #resources: readonly Resource[];
  readonly #values = new Map<string, string>();

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  /** Takes over the values of the variables in the name that an example of a resource has. */
  learn(desc: DescMessage, json: JsonObject): void {
    const pattern = this.#resources.find(({ message }) => message === desc)?.patterns[0] ?? [];
    const name = desc.fields.find(isIdentifier);
    const value = name === undefined ? undefined : json[name.jsonName];
    if (typeof value !== "string") return;
    const segments = value.split("/");
    for (const [index, part] of pattern.entries()) {
      const segment = segments[index];
      if (isVariable(part) && segment !== undefined) this.#values.set(part.slice(1, -1), segment);
    }
  }

  /** The value of a variable; one made of its own name where no example has it. */
  valueOf(variable: string): string {
    return this.#values.get(variable) ?? `${variable}-1`;
  }

  /** The name that a field holds: of its own resource, of the one that it refers to, or of that one's parent. */
  nameFor(field: DescField): string | undefined {
    const { type, childType } = getOption(field, resource_reference);
    const found = this.#resources.find((resource) =>
      isIdentifier(field) ? resource.message === field.parent : resource.type === (type || childType),
    );
    const pattern = found?.patterns[0];
    if (pattern === undefined) return undefined;
    const parts = childType === "" || isIdentifier(field) ? pattern : pattern.slice(0, -2);
    return parts.map((part) => (isVariable(part) ? this.valueOf(part.slice(1, -1)) : part)).join("/");
  }
}

function isIdentifier(field: DescField): boolean {
  return hasBehavior(field, FieldBehavior.IDENTIFIER);
}

function isVariable(part: string): boolean {
  return part.startsWith("{");
}
