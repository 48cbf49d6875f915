import type { IncomingMessage } from "node:http";
import { constants, type Http2ServerRequest } from "node:http2";

/**
 * Bounds the time in which a request of HTTP/2 is sent, as `requestTimeout` does for HTTP/1.1: the stream is reset, and
 * the connection stays.
 */
export function limitReceiving(request: IncomingMessage | Http2ServerRequest, timeoutMs: number): void {
  if (!("stream" in request) || request.stream.endAfterHeaders) return;
  const { stream } = request;
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), timeoutMs);
  for (const event of ["end", "close"]) stream.once(event, () => clearTimeout(timer));
}
