import { quote } from "./quoted.ts";
import { Refusal } from "./refusal.ts";

/** What JSON is sent as. */
export const JSON_TYPE = "application/json";

/** A JSON document a line, under its usual names. The first is the one that answers have. */
export const NDJSON_TYPES = ["application/x-ndjson", "application/ndjson", "application/jsonl"] as const;

/**
 * Refuses a body that is not of one of these types, in UTF-8.
 *
 * @param contentType the header of a request that has a body
 * @throws Refusal unsupportedMediaType
 */
export function requireType(contentType: string | undefined, types: readonly string[]): void {
  const [type = "", ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  if (types.includes(type) && (charset === undefined || charset.replaceAll('"', "") === "utf-8")) return;
  const problem =
    contentType === undefined ? `; send the header "content-type: ${types[0]}"` : `, not ${quote(contentType)}`;
  throw new Refusal("unsupportedMediaType", `the body must be ${types[0]} in UTF-8${problem}`);
}
