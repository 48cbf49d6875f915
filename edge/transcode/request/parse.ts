import type { DescMethodUnary, Message, Registry } from "@bufbuild/protobuf";
import { malformed } from "../refusal.ts";
import type { Route } from "../routing/route.ts";
import { bindRequest, type RequestParts } from "./bind-request.ts";
import { type TimeoutOptions, toCallHeaders, toTimeout } from "./call-metadata.ts";
import { requireJson } from "./media-type.ts";

/** What has come over HTTP for a route. */
export type HttpCall = RequestParts & { readonly route: Route; readonly body: Uint8Array };

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
  return {
    method: route.method,
    message: bindRequest(route, call, readJson(call), registry),
    headers: toCallHeaders(headers),
    timeoutMs: toTimeout(headers, timeouts),
  };
}

function readJson({ route, headers, body }: HttpCall): Uint8Array | undefined {
  if (body.length === 0) return undefined;
  if (route.body.kind === "none") throw malformed(`${route.httpMethod} ${route.method.name} takes no body`);
  requireJson(headers["content-type"], headers["content-encoding"]);
  return body;
}
