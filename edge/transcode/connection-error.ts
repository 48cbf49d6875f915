/** How Node names what happens when the other side goes, by `code`. */
const CODES = new Set([
  ...["ECONNRESET", "ECONNABORTED", "EPIPE", "ECANCELED", "ETIMEDOUT", "EPROTO", "ABORT_ERR"],
  ...["ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED"],
  ...["ERR_HTTP2_INVALID_STREAM", "ERR_HTTP2_STREAM_ERROR", "ERR_HTTP2_STREAM_CANCEL"],
  ...["ERR_HTTP2_SESSION_ERROR", "ERR_HTTP2_INVALID_SESSION", "ERR_HTTP2_GOAWAY_SESSION"],
]);

/** Whether an error, or a cause of it, is the end of its connection or stream: nobody's fault, and nobody is left to be told. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === "string" && CODES.has(code)) || isConnectionError(error.cause);
}
