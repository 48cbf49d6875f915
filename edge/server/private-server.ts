import { type FastifyInstance, fastify } from "fastify";
import { type DocsOptions, docsRoutes } from "../docs/index.ts";
import { drainOnClose } from "./connection-drain.ts";
import { type OperationsOptions, operations } from "./operations.ts";
import { SERVER_LIMITS } from "./server-limits.ts";
import { serverOptions } from "./server-options.ts";

/** What the private port serves, and milliseconds that `close` leaves the requests under way. */
export type PrivateServerOptions = OperationsOptions & {
  docs?: DocsOptions | undefined;
  closeTimeoutMs: number;
};

/** Health, and what callers should not see, on a port of its own: HTTP/1.1 without TLS, no calls. */
export function createPrivateServer({ docs, closeTimeoutMs, ...options }: PrivateServerOptions): FastifyInstance {
  const app = fastify({
    ...serverOptions(SERVER_LIMITS),
    forceCloseConnections: "idle",
    return503OnClosing: false,
  });
  drainOnClose(app, closeTimeoutMs);
  app.register(operations(options));
  if (docs !== undefined) app.register(docsRoutes(docs));
  return app;
}
