import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { isMetadata } from "../../services/rpc/grpc-metadata.ts";
import { chooseRequestId, REQUEST_ID_HEADER } from "../../services/rpc/request-id-header.ts";

/** The metadata of a call, which has a request id. */
export function toMetadata(header: Headers): OutgoingHttpHeaders {
  const metadata: OutgoingHttpHeaders = {};
  for (const [name, value] of header) {
    // Binary values, of names that end with -bin, are base64 here and there.
    if (isMetadata(name, value)) metadata[name] = value;
  }
  metadata[REQUEST_ID_HEADER] = chooseRequestId(header.get(REQUEST_ID_HEADER));
  return metadata;
}

/** The headers with which a call begins on a stream of HTTP/2. */
export function toRequestHeaders(path: string, metadata: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return { ":method": "POST", ":path": path, te: "trailers", "content-type": "application/grpc", ...metadata };
}

/** Those headers of an answer, or its trailers, that are the call's own. */
export function pickMetadata(received: IncomingHttpHeaders): IncomingHttpHeaders {
  const picked: IncomingHttpHeaders = {};
  for (const name in received) {
    const value = received[name];
    if (name.startsWith(":") || name === "date" || value === undefined) continue;
    const carried = Array.isArray(value) ? value.filter((each) => isMetadata(name, each)) : value;
    if (typeof carried === "string" ? isMetadata(name, carried) : carried.length > 0) picked[name] = carried;
  }
  return picked;
}

/** Adds those of them to others. */
export function appendMetadata(received: IncomingHttpHeaders, to: Headers): Headers {
  const picked = pickMetadata(received);
  for (const name in picked) for (const each of [picked[name]!].flat()) to.append(name, each);
  return to;
}
