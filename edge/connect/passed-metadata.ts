import { isProtocolHeader } from "../transcode/index.ts";

/** The headers that are a call's own, for the other side of the edge. */
export function passedMetadata(headers: Headers): Headers {
  const passed = new Headers();
  appendMetadata(headers, passed);
  return passed;
}

/** Adds to `to` what of `from` is a call's own. */
export function appendMetadata(from: Headers, to: Headers): void {
  for (const [name, value] of from) if (!isProtocolHeader(name)) to.append(name, value);
}
