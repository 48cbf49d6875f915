import type { IncomingHttpHeaders } from "node:http";
import type { Message, Registry } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { parseEntityTags } from "../entity-tag.ts";
import { malformed, Refusal } from "../refusal.ts";
import { openContainer, writeField } from "../routing/field-path.ts";
import type { Route } from "../routing/route.ts";

/**
 * Gives a request that writes the state that `If-Match` names, as its etag (RFC 9110, 13.1.1). `*` asks for nothing more
 * than that the resource is there. What cannot be checked is refused, not passed over.
 *
 * @throws Refusal malformedRequest; preconditionFailed for a weak tag, which matches nothing
 */
export function bindIfMatch(message: Message, route: Route, headers: IncomingHttpHeaders, registry: Registry): void {
  const { requestEtag, httpMethod, method } = route;
  if (httpMethod === "GET") return;
  if (headers["if-none-match"] !== undefined) throw malformed('header "if-none-match": is for reads');
  const header = headers["if-match"];
  if (header === undefined) return;
  const tags = parseEntityTags("if-match", header);
  if (tags === "*") return;
  if (requestEtag === undefined) throw malformed(`header "if-match": ${method.name} takes no etag`);
  const [tag, ...others] = tags;
  if (tag === undefined || others.length > 0) throw malformed('header "if-match": expected one tag');
  if (tag.weak) throw new Refusal("preconditionFailed", 'header "if-match": a weak tag matches nothing');
  const container = openContainer(reflect(method.input, message), requestEtag.parents);
  const present = container.isSet(requestEtag.field) ? container.get(requestEtag.field) : tag.value;
  if (present !== tag.value) throw malformed(`header "if-match": ${requestEtag.name} holds another etag`);
  writeField(container, requestEtag.field, tag.value, registry);
}
