/** Names that belong to one connection, to HTTP's framing or to a protocol, in either direction. */
const internal =
  /^(content-.*|grpc-.*|connect-.*|trailer.*|accept.*|proxy-.*|connection|keep-alive|te|transfer-encoding|upgrade|host|date|server|http2-settings|:.*)$/;

/** The headers that are a call's own, for the other side of the edge. */
export function passedMetadata(headers: Headers): Headers {
  const passed = new Headers();
  appendMetadata(headers, passed);
  return passed;
}

/** Adds to `to` what of `from` is a call's own. */
export function appendMetadata(from: Headers, to: Headers): void {
  for (const [name, value] of from) if (!internal.test(name)) to.append(name, value);
}
