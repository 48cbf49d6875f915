import type { OutgoingHttpHeaders } from "node:http2";
import { CallHeaders } from "./call-headers.ts";

/** Names that belong to HTTP/2 and gRPC themselves; a handler's or an upstream's values for them would break the call. */
const reserved = new Set([
  ...["connection", "content-length", "content-type", "host", "keep-alive", "proxy-connection", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "http2-settings", "grpc-status", "grpc-message", "grpc-status-details-bin"],
  ...["grpc-encoding", "grpc-accept-encoding", "grpc-timeout"],
]);

const carriable = /^[ -~]*$/;

/** Whether gRPC can carry a header as metadata: not one that is its own, and only printable ASCII. */
export function isMetadata(name: string, value: string): boolean {
  return !reserved.has(name) && carriable.test(value);
}

/** What HTTP/2 counts for a field beside its name and value (RFC 9113, 6.5.2). */
export const FIELD_BYTES = 32;

/**
 * The size of a request's metadata, in bytes as HTTP/2 counts headers.
 *
 * @param rawHeaders names and values by turns
 */
export function sizeOfMetadata(rawHeaders: readonly string[]): number {
  let size = 0;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.charCodeAt(0) !== 0x3a) size += name.length + rawHeaders[index + 1]!.length + FIELD_BYTES;
  }
  return size;
}

/** Whether nothing was put into headers of an answer, as into most. */
export function isEmpty(headers: Headers): boolean {
  return headers instanceof CallHeaders && headers.changed === undefined;
}

/**
 * Adds metadata to headers or trailers of an answer. Reserved names, and text that gRPC cannot carry (outside printable
 * ASCII), are left out. Binary values, of names that end with `-bin`, are base64 here and there; several become fields
 * of their own.
 */
export function addMetadata(to: OutgoingHttpHeaders, source: Headers): OutgoingHttpHeaders {
  if (isEmpty(source)) return to;
  source.forEach((value, name) => {
    if (!isMetadata(name, value)) return;
    const known = to[name];
    const joined = known === undefined ? value : `${[known].flat().join(", ")}, ${value}`;
    // HTTP/2 refuses several fields of some other names.
    to[name] = name.endsWith("-bin") ? joined.split(/ *, */) : joined;
  });
  return to;
}
