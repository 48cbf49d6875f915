import { createHash } from "node:crypto";
import { clone, type DescMessage, type MessageShape } from "@bufbuild/protobuf";

/** Whatever order a map's keys came in, the text is the same. */
function canonical(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * SHA-256 of a create request without its request_id: tells a repeated request from another one under the same id. Not
 * over Protobuf's JSON, which refuses timestamps beyond the year 9999.
 */
export function digestRequest<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>): Uint8Array {
  const bare = clone(schema, request) as MessageShape<Desc> & { requestId: string };
  bare.requestId = "";
  return createHash("sha256").update(schema.typeName).update(JSON.stringify(bare, canonical)).digest();
}
