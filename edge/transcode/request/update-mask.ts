import { create, type DescField, type JsonValue } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { FieldBehavior } from "../../../gen/google/api/field_behavior_pb.ts";
import { hasBehavior } from "../routing/field-behavior.ts";
import { findField } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";

/**
 * Gives a PATCH without `update_mask` the fields that its body names, by proto names, so that a resource can be sent
 * back as it was read. Left out are those of the path, those that no update changes (AIP-203) and the `etag`, which an
 * update checks (AIP-154). A body that names no other leaves the mask unset; then it sets nothing that could change.
 */
export function bindMask(message: ReflectMessage, { mask, body, captures }: Route, json: JsonValue | undefined): void {
  if (mask === undefined || body.kind !== "field" || body.field.message === undefined || message.isSet(mask)) return;
  if (typeof json !== "object" || json === null) return;
  const resource = body.field.message;
  const captured = captures.map(({ path }) => path.name);
  const paths = Object.keys(json).flatMap((key) => {
    const field = findField(resource, key);
    if (field === undefined || !isUpdatable(field) || captured.includes(`${body.field.name}.${field.name}`)) return [];
    return [field.name];
  });
  if (paths.length > 0) message.set(mask, reflect(FieldMaskSchema, create(FieldMaskSchema, { paths })));
}

function isUpdatable(field: DescField): boolean {
  const { OUTPUT_ONLY, IDENTIFIER, IMMUTABLE } = FieldBehavior;
  return field.name !== "etag" && !hasBehavior(field, OUTPUT_ONLY, IDENTIFIER, IMMUTABLE);
}
