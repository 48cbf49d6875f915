import type { IncomingHttpHeaders } from "node:http";
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { parseEntityTags, stateOf } from "../entity-tag.ts";
import type { JsonReaders } from "../json/json-reader.ts";
import { malformed, Refusal } from "../refusal.ts";
import { openContainer } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";

/** Whether a method of HTTP reads, so that its conditions are judged by its answer. */
export function isRead(httpMethod: string): boolean {
  return httpMethod === "GET" || httpMethod === "HEAD";
}

/**
 * Gives a request that writes the state that `If-Match` names, by the tag of an answer or by the etag in it, as its etag
 * (RFC 9110, 13.1.1). `*` asks for nothing more than that the resource is there. What cannot be checked is refused, not passed over.
 *
 * @throws Refusal malformedRequest; preconditionFailed for a weak or an empty tag, which match nothing
 */
export function bindIfMatch(message: Message, route: Route, headers: IncomingHttpHeaders, readers: JsonReaders): void {
  const { requestEtag, method } = route;
  const tags = readIfMatch(headers);
  if (tags === "*") return;
  if (requestEtag === undefined) throw uncheckable(method);
  const [tag, ...others] = tags;
  if (tag === undefined || others.length > 0)
    throw malformed('header "if-match": expected one tag, the etag of the resource');
  if (tag.weak) throw new Refusal("preconditionFailed", 'header "if-match": a weak tag matches nothing');
  // In a field it would ask for nothing.
  if (stateOf(tag) === "") throw new Refusal("preconditionFailed", 'header "if-match": an empty tag matches nothing');
  const container = openContainer(reflect(method.input, message), requestEtag.parents);
  const etag = stateOf(tag);
  const present = container.isSet(requestEtag.field) ? container.get(requestEtag.field) : etag;
  if (present !== etag) throw malformed(`header "if-match": ${requestEtag.name} holds another etag`);
  readers.writeText(container.message, requestEtag.field, etag);
}

/** Refuses a stream of requests with conditions: it has no etag. @throws Refusal malformedRequest */
export function refuseIfMatch({ method }: Route, headers: IncomingHttpHeaders): void {
  if (readIfMatch(headers) !== "*") throw uncheckable(method);
}

/** The condition of a request that writes; `*` also where it has none. */
function readIfMatch(headers: IncomingHttpHeaders): ReturnType<typeof parseEntityTags> {
  if (headers["if-none-match"] !== undefined) throw malformed('header "if-none-match": is for reads; leave it out');
  const header = headers["if-match"];
  return header === undefined ? "*" : parseEntityTags("if-match", header);
}

function uncheckable({ name }: DescMethod): Refusal {
  return malformed(`header "if-match": ${name} takes no etag; leave it out`);
}
