import type { FastifyInstance } from "fastify";
import {
  createOperationsServer,
  type OperationsServerOptions,
} from "../../services/observability/operations-server.ts";
import { type DocsOptions, docsRoutes } from "../docs/index.ts";

export type PrivateServerOptions = OperationsServerOptions & {
  /** Served where they are given. */
  docs?: DocsOptions | undefined;
};

/** Health, and what callers should not see, on a port of its own: HTTP/1.1 without TLS, no calls. */
export function createPrivateServer({ docs, ...options }: PrivateServerOptions): FastifyInstance {
  const app = createOperationsServer(options);
  if (docs !== undefined) app.register(docsRoutes(docs));
  return app;
}
