import { create, type DescField } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { FieldBehavior } from "../../../gen/google/api/field_behavior_pb.ts";
import type { JsonReaders } from "../json/json-reader.ts";
import { hasBehavior } from "../routing/field-behavior.ts";
import type { Route } from "../routing/route.ts";

/**
 * Gives a PATCH without `update_mask` the fields that its body names, by proto names, so that a resource can be sent
 * back as it was read. Left out are those of the path, those that no update changes (AIP-203) and the `etag`, which an
 * update checks (AIP-154). A body that names no other leaves the mask unset; then it sets nothing that could change.
 */
export function bindMask(
  message: ReflectMessage,
  { mask, body, captures }: Route,
  text: string | undefined,
  readers: JsonReaders,
): void {
  if (mask === undefined || body.kind !== "field" || body.field.message === undefined || message.isSet(mask)) return;
  if (text === undefined) return;
  const captured = captures.map(({ path }) => path.name);
  const paths = readers
    .namedFields(body.field.message, text)
    .filter((field) => isUpdatable(field) && !captured.includes(`${body.field.name}.${field.name}`))
    .map((field) => field.name);
  if (paths.length > 0) message.set(mask, reflect(FieldMaskSchema, create(FieldMaskSchema, { paths })));
}

function isUpdatable(field: DescField): boolean {
  const { OUTPUT_ONLY, IDENTIFIER, IMMUTABLE } = FieldBehavior;
  return field.name !== "etag" && !hasBehavior(field, OUTPUT_ONLY, IDENTIFIER, IMMUTABLE);
}
