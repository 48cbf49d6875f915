import type { DescMethod, JsonObject } from "@bufbuild/protobuf";

/** How callers say who they are. */
export type Security = {
  /** OpenAPI's Security Scheme Objects by name. */
  readonly schemes: Readonly<Record<string, JsonObject>>;
  /** Names of schemes, any one of which opens a method. */
  readonly open: (method: DescMethod) => readonly string[];
};

/** What opens a method, as OpenAPI writes it. */
export function requirements({ open }: Security, method: DescMethod): JsonObject[] {
  return open(method).map((name) => ({ [name]: [] }));
}
