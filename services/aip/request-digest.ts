import { createHash } from "node:crypto";
import { clone, type DescMessage, type MessageShape, toJsonString } from "@bufbuild/protobuf";

/** Whatever order a map's keys came in, the digest is the same. */
function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** SHA-256 of a create request without its request_id: tells a repeated request from another one under the same id. */
export function digestRequest<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>): Uint8Array {
  const bare = clone(schema, request) as MessageShape<Desc> & { requestId: string };
  bare.requestId = "";
  const canonical = JSON.stringify(JSON.parse(toJsonString(schema, bare)), sortKeys);
  return createHash("sha256").update(schema.typeName).update(canonical).digest();
}
