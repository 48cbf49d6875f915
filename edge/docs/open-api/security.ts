import type { DescMethod, JsonObject } from "@bufbuild/protobuf";

/** How callers say who they are. */
export type Security = {
  /** OpenAPI's Security Scheme Objects by name. */
  readonly schemes: Readonly<Record<string, JsonObject>>;
  /** Names of schemes, any one of which opens a method. Default: all. */
  readonly open?: (method: DescMethod) => readonly string[];
};

/** A key of any kind. */
export const bearer: Security = { schemes: { bearer: { type: "http", scheme: "bearer" } } };

/** What opens a method, as OpenAPI writes it. */
export function requirements({ schemes, open }: Security, method: DescMethod): JsonObject[] {
  const names = open?.(method) ?? Object.keys(schemes);
  return names.map((name) => ({ [name]: [] }));
}
