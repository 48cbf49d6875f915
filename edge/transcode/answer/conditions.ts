import type { IncomingHttpHeaders } from "node:http";
import { type EntityTag, parseEntityTags, readEntityTag, stateOf } from "../entity-tag.ts";
import { Refusal } from "../refusal.ts";
import type { Reply } from "./render.ts";

/**
 * Judges the conditions of a read by its answer (RFC 9110, 13.2.2): 304 where the caller has that very answer already.
 * `If-Match` asks, as for a write, for the state of the resource alone.
 *
 * @throws Refusal malformedRequest; preconditionFailed where the state is not the one that `If-Match` asks for
 */
export function judgeRead(reply: Reply, headers: IncomingHttpHeaders): Reply {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (match === undefined && noneMatch === undefined) return reply;
  const tag = readEntityTag(reply.headers.find(([name]) => name === "etag")?.[1] ?? "");
  if (match !== undefined && !includes("if-match", match, tag, sameState)) {
    throw new Refusal("preconditionFailed", "the resource is not in the state that If-Match names; read it again");
  }
  if (noneMatch === undefined || !includes("if-none-match", noneMatch, tag, sameAnswer)) return reply;
  const kept = reply.headers.filter(([name]) => name !== "content-type");
  return { ...reply, status: 304, headers: kept, body: "" };
}

function includes(header: string, text: string, tag: EntityTag | undefined, isSame: typeof sameState): boolean {
  const tags = parseEntityTags(header, text);
  if (tags === "*") return true;
  return tag !== undefined && tags.some((given) => isSame(given, tag));
}

/** By the strong comparison (RFC 9110, 8.8.3.2). */
function sameState(given: EntityTag, tag: EntityTag): boolean {
  return !given.weak && !tag.weak && stateOf(given) === stateOf(tag);
}

/** By the weak one. */
function sameAnswer(given: EntityTag, tag: EntityTag): boolean {
  return given.value === tag.value;
}
