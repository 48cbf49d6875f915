import type { FastifyInstance } from "fastify";
import type { DocsOptions } from "../docs/index.ts";
import { createEdgeServer, type EdgeOptions } from "./edge-server.ts";
import type { MetricsSource } from "./operations.ts";
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
export function createEdgePorts({ docs, metrics, places, hasPrivate, ...options }: EdgePortsOptions): {
  edge: FastifyInstance;
  privateServer: FastifyInstance | undefined;
} {
  const served = (place: Place) => ({
    docs: places.docs === place ? docs : undefined,
    metrics: places.metrics === place ? metrics : undefined,
  });
  const { ready, closeTimeoutMs } = options;
  return {
    edge: createEdgeServer({ ...options, ...served("public") }),
    privateServer: hasPrivate ? createPrivateServer({ ready, closeTimeoutMs, ...served("private") }) : undefined,
  };
}
