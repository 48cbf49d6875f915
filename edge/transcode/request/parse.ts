import type { IncomingHttpHeaders } from "node:http";
import type { DescMethodUnary, Message, Registry } from "@bufbuild/protobuf";
import { malformed } from "../refusal.ts";
import type { Route } from "../routing/route.ts";
import { bindBody, parseBody } from "./body.ts";
import { type TimeoutOptions, toCallHeaders, toTimeout } from "./call-metadata.ts";
import { bindHeaders } from "./header-field.ts";
import { requireJson } from "./media-type.ts";
import { bindPath } from "./path-capture.ts";
import { bindQuery } from "./query.ts";
import { bindMask } from "./update-mask.ts";

/** What has come over HTTP for a route. `segments` and `query` are raw. */
export type HttpCall = {
  readonly route: Route;
  readonly segments: readonly string[];
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
};

/** What goes to the transport. */
export type RpcCall = {
  readonly method: DescMethodUnary;
  readonly message: Message;
  readonly headers: Headers;
  readonly timeoutMs: number | undefined;
};

/**
 * Turns a request into a call: the message from body, path, query and headers, in that order.
 *
 * @throws Refusal malformedRequest, unsupportedMediaType
 */
export function parse(call: HttpCall, registry: Registry, timeouts: TimeoutOptions): RpcCall {
  const { route, headers } = call;
  const json = parseJson(call);
  const message = bindBody(route, json, registry);
  bindPath(message, route.captures, call.segments, registry);
  bindQuery(message, route, call.query, registry);
  bindHeaders(message, route.headerFields, headers, registry);
  bindMask(message, route, json);
  return {
    method: route.method,
    message: message.message,
    headers: toCallHeaders(headers),
    timeoutMs: toTimeout(headers, timeouts),
  };
}

function parseJson({ route, headers, body }: HttpCall) {
  if (body.length === 0) return undefined;
  if (route.body.kind === "none") throw malformed(`${route.httpMethod} ${route.method.name} takes no body`);
  requireJson(headers["content-type"], headers["content-encoding"]);
  return parseBody(body);
}
