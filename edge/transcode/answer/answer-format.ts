import Negotiator from "negotiator";
import { JSON_TYPE, NDJSON_TYPES } from "../media-type.ts";
import { Refusal } from "../refusal.ts";
import { answersWithStream } from "../routing/method-kind.ts";
import type { Route } from "../routing/route.ts";
import { jsonArray, jsonLines, type StreamFormat, serverSentEvents } from "./stream-format.ts";

/** How an answer is written: a JSON document, a stream of them, or bytes of the service's content type. */
export type AnswerFormat = "json" | "raw" | StreamFormat;

/** In the order of preference where the caller has none. */
const streams: ReadonlyMap<string, StreamFormat> = new Map([
  [JSON_TYPE, jsonArray],
  ...NDJSON_TYPES.map((type) => [type, jsonLines] as const),
  ["text/event-stream", serverSentEvents],
]);

/**
 * Chooses by the request's `Accept` (RFC 9110, 12.5.1): JSON; of a stream, the type that it prefers. Bytes of the
 * service's choosing are not judged.
 *
 * @throws Refusal notAcceptable
 */
export function chooseFormat({ method, rawAnswer }: Route, accept: string | undefined): AnswerFormat {
  if (rawAnswer) return "raw";
  const streamed = answersWithStream(method);
  const first = streamed ? jsonArray : "json";
  if (accept === undefined || accept.trim() === "" || accept === "*/*") return first;
  const types = streamed ? [...streams.keys()] : [JSON_TYPE];
  const chosen = new Negotiator({ headers: { accept } }).mediaType([...types, ...types.map(withCharset)]);
  if (chosen === undefined) {
    throw new Refusal("notAcceptable", `the answer is ${types.join(" or ")}, which "accept: ${accept}" excludes`);
  }
  return streamed ? (streams.get(chosen.replace(CHARSET, "")) ?? first) : first;
}

/** A caller may name the charset that JSON has in any case. */
const CHARSET = "; charset=utf-8";

function withCharset(type: string): string {
  return type + CHARSET;
}
