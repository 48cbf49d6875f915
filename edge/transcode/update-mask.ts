import { create, type JsonValue } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { findField } from "./field-path.ts";
import type { Route } from "./route.ts";

/**
 * Gives a PATCH without `update_mask` the fields that its body names, by proto names, less those of the path and the
 * `etag`, which an update checks and does not change (AIP-154). A body that names none leaves the mask unset.
 */
export function bindMask(message: ReflectMessage, { mask, body, captures }: Route, json: JsonValue | undefined): void {
  if (mask === undefined || body.kind !== "field" || body.field.message === undefined || message.isSet(mask)) return;
  if (typeof json !== "object" || json === null) return;
  const resource = body.field.message;
  const captured = captures.map(({ path }) => path.name);
  const paths = Object.keys(json)
    .map((key) => findField(resource, key)?.name ?? key)
    .filter((name) => name !== "etag" && !captured.includes(`${body.field.name}.${name}`));
  if (paths.length > 0) message.set(mask, reflect(FieldMaskSchema, create(FieldMaskSchema, { paths })));
}
