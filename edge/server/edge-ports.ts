import type { FastifyInstance } from "fastify";
import type { MetricsSource } from "../../services/observability/operations.ts";
import type { DocsOptions } from "../docs/index.ts";
import { createEdgeServer, type EdgeOptions } from "./edge-server.ts";
import { createPrivateServer } from "./private-server.ts";

/** On which port something is served, if on any. */
export type Place = "public" | "private" | "off";

export type EdgePortsOptions = Omit<EdgeOptions, "docs" | "metrics"> & {
  docs: DocsOptions;
  metrics: MetricsSource;
  places: { docs: Place; metrics: Place };
  /** Whether there is a private port. */
  hasPrivate: boolean;
};

/** The edge, and the server of the private port where there is one, each with what belongs there. Neither listens yet. */
export function createEdgePorts({ docs, metrics, caches, places, hasPrivate, ...options }: EdgePortsOptions): {
  edge: FastifyInstance;
  privateServer: FastifyInstance | undefined;
} {
  const served = (place: Place) => ({
    docs: places.docs === place ? docs : undefined,
    ...(places.metrics === place ? { metrics, caches } : { metrics: undefined, caches: undefined }),
  });
  const { ready, dependencies, closeTimeoutMs } = options;
  const forOperators = { ready, dependencies, closeTimeoutMs };
  return {
    // Callers learn whether calls are taken, and not by what.
    edge: createEdgeServer({ ...options, dependencies: undefined, ...served("public") }),
    privateServer: hasPrivate ? createPrivateServer({ ...forOperators, ...served("private") }) : undefined,
  };
}
