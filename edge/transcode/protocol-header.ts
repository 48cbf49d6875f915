/** Beginnings of names; a name that begins with `:` is a pseudo-header of HTTP/2. */
const PREFIXES = /^(?:content-|grpc-|connect-|trailer|accept|proxy-|:)/;

const NAMES = new Set([
  ...["connection", "keep-alive", "te", "transfer-encoding", "upgrade", "http2-settings"],
  ...["host", "date", "server"],
]);

/**
 * Whether a header belongs to one connection, to HTTP's framing or to a protocol, so that it is not a call's own, in
 * either direction.
 *
 * @param name in lower case
 */
export function isProtocolHeader(name: string): boolean {
  return NAMES.has(name) || PREFIXES.test(name);
}
