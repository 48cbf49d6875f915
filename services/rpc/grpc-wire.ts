import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

/** Where a call came in. */
export type GrpcWire = {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** The same as they came, names and values by turns. */
  readonly rawHeaders: readonly string[];
  /** Address and port of the other end. */
  readonly peer: string;
};
