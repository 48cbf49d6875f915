import type { IncomingHttpHeaders } from "node:http";
import { formatEntityTag, parseEntityTags } from "../entity-tag.ts";
import { Refusal } from "../refusal.ts";
import type { Reply } from "./render.ts";

/**
 * Judges the conditions of a read by its answer (RFC 9110, 13.2.2): 304 where the caller has that state already.
 *
 * @param etag the state that the answer shows; "" where it shows none
 * @throws Refusal malformedRequest; preconditionFailed where it is not the one that `If-Match` asks for
 */
export function judgeRead(reply: Reply, etag: string, headers: IncomingHttpHeaders): Reply {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (match !== undefined && !includes("if-match", match, etag, false)) {
    throw new Refusal("preconditionFailed", "the resource is not in the state that If-Match names; read it again");
  }
  if (noneMatch === undefined || !includes("if-none-match", noneMatch, etag, true)) return reply;
  const kept = reply.headers.filter(([name]) => name !== "content-type");
  return { ...reply, status: 304, headers: kept, body: "" };
}

/** @param weakly whether a weak tag can match */
function includes(header: string, text: string, etag: string, weakly: boolean): boolean {
  const tags = parseEntityTags(header, text);
  if (tags === "*") return true;
  return formatEntityTag(etag) !== undefined && tags.some(({ weak, value }) => value === etag && (weakly || !weak));
}
