import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";

/**
 * Whether an answer whose connection or stream is closed has been sent to its end. A stream of HTTP/2 that is reset counts
 * as finished too, but as aborted where the answer was not at its end.
 */
export function isSent(response: ServerResponse | Http2ServerResponse): boolean {
  return response.writableFinished && !("stream" in response && response.stream.aborted);
}
