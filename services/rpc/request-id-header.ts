import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http2";

/** The header that names a call in every log and answer. */
export const REQUEST_ID_HEADER = "x-request-id";

const acceptable = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

/** The id of a call: the caller's where it is 1–128 printable ASCII characters, else a new UUID. */
export function chooseRequestId(given: string | null): string {
  return given !== null && acceptable.test(given) ? given : randomUUID();
}

/** The id of a call, which then stands in the headers that were received with it, for interceptors and handlers. */
export function adoptReceivedId(received: IncomingHttpHeaders): string {
  const given = received[REQUEST_ID_HEADER];
  const id = chooseRequestId(typeof given === "string" ? given : null);
  if (id !== given) received[REQUEST_ID_HEADER] = id;
  return id;
}
