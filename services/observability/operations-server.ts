import { type FastifyInstance, fastify } from "fastify";
import { drainOnClose } from "../http/connection-drain.ts";
import { SERVER_LIMITS } from "../http/server-limits.ts";
import { serverOptions } from "../http/server-options.ts";
import { type OperationsOptions, operations } from "./operations.ts";

export type OperationsServerOptions = OperationsOptions & {
  /** Milliseconds that `close` leaves the requests under way. */
  closeTimeoutMs: number;
};

/** The operations' routes on a port of their own: HTTP/1.1 without TLS, no calls. It does not listen yet. */
export function createOperationsServer({ closeTimeoutMs, ...options }: OperationsServerOptions): FastifyInstance {
  const app = fastify({
    ...serverOptions(SERVER_LIMITS),
    forceCloseConnections: "idle",
    return503OnClosing: false,
  });
  drainOnClose(app, closeTimeoutMs);
  app.register(operations(options));
  return app;
}
