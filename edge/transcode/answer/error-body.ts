import { createRegistry, type Registry } from "@bufbuild/protobuf";
import type { Code, ConnectError } from "@connectrpc/connect";
import { detailToJson } from "./error-detail.ts";
import { statusOf } from "./status.ts";

/**
 * The JSON of an error: `{"error": {"code", "status", "message", "details"}}`.
 *
 * @param status of HTTP
 * @param registry the types of details that are bytes. Default: none.
 */
export function errorBody(
  status: number,
  code: Code,
  message: string,
  details: ConnectError["details"],
  registry: Registry = createRegistry(),
): string {
  const json = details.map((detail) => detailToJson(detail, registry));
  return JSON.stringify({ error: { code: status, status: statusOf(code).name, message, details: json } });
}
