import { hash } from "node:crypto";
import type { DescField, DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/**
 * SHA-256 of a create request without its request_id: tells a repeated request from another one under the same id. Over
 * the fields that are set, by number and whatever order a map's keys came in, so that a field which a later version
 * adds leaves the digests of requests without it as they were. Not over Protobuf's JSON, which refuses timestamps beyond
 * the year 9999.
 */
export function digestRequest<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>): Uint8Array {
  const fields = canonical(reflect(schema, request, false), "request_id");
  return hash("sha256", schema.typeName + JSON.stringify(fields), "buffer");
}

/** The fields that are set, as `[number, value]` in the order of their numbers. */
function canonical(message: ReflectMessage, except?: string): unknown[] {
  return message.sortedFields
    .filter((field) => field.name !== except && message.isSet(field))
    .map((field) => [field.number, fieldValue(message, field)]);
}

function fieldValue(message: ReflectMessage, field: DescField): unknown {
  switch (field.fieldKind) {
    case "list":
      return Array.from(message.get(field), plain);
    case "map":
      return Array.from(message.get(field), ([key, value]) => [String(key), plain(value)]).sort(([a], [b]) =>
        (a as string) < (b as string) ? -1 : 1,
      );
    default:
      return plain(message.get(field));
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return typeof value === "object" && value !== null ? canonical(value as ReflectMessage) : value;
}
