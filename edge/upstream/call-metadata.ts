import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { isMetadata } from "../../services/rpc/grpc-metadata.ts";
import { chooseRequestId, REQUEST_ID_HEADER } from "../../services/rpc/request-id-header.ts";

/** The headers of a call's request, which has a request id, but for its deadline. */
export function toRequestHeaders(path: string, header: Headers): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ":method": "POST",
    ":path": path,
    te: "trailers",
    "content-type": "application/grpc",
  };
  for (const [name, value] of header) {
    // Binary values, of names that end with -bin, are base64 here and there.
    if (isMetadata(name, value)) headers[name] = value;
  }
  headers[REQUEST_ID_HEADER] = chooseRequestId(header.get(REQUEST_ID_HEADER));
  return headers;
}

/** Those headers of an answer, or its trailers, that are the call's own. */
export function appendMetadata(received: IncomingHttpHeaders, to: Headers): Headers {
  for (const name in received) {
    const value = received[name];
    if (name.startsWith(":") || name === "date" || value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) if (isMetadata(name, each)) to.append(name, each);
  }
  return to;
}
