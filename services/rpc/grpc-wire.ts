import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { GrpcSession } from "./grpc-session.ts";

/** Where a call came in. */
export type GrpcWire = {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** The same as they came, names and values by turns. */
  readonly rawHeaders: readonly string[];
  readonly connection: GrpcSession;
};
