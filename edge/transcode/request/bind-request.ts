import type { IncomingHttpHeaders } from "node:http";
import type { Message, Registry } from "@bufbuild/protobuf";
import type { Route } from "../routing/route.ts";
import { bindBody, parseBody } from "./body.ts";
import { bindHeaders } from "./header-field.ts";
import { bindPath } from "./path-capture.ts";
import { bindQuery } from "./query.ts";
import { bindMask } from "./update-mask.ts";

/** What a request says beside its body. `segments` and `query` are raw. */
export type RequestParts = {
  readonly segments: readonly string[];
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
};

/**
 * Makes a request message from JSON, path, query and headers, in that order.
 *
 * @param json the body, or one line of it; undefined where there is none
 * @throws Refusal malformedRequest
 */
export function bindRequest(
  route: Route,
  { segments, query, headers }: RequestParts,
  json: Uint8Array | undefined,
  registry: Registry,
): Message {
  const value = json === undefined ? undefined : parseBody(json);
  const message = bindBody(route, value, registry);
  bindPath(message, route.captures, segments, registry);
  bindQuery(message, route, query, registry);
  bindHeaders(message, route.headerFields, headers, registry);
  bindMask(message, route, value);
  return message.message;
}
