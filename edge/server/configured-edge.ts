import type { ContextValues, Transport } from "@connectrpc/connect";
import type { Logger } from "pino";
import { type Caller, type FinishedCall, traceIdOf } from "../../services/observability/call-log.ts";
import type { DependencyReport, MetricsSource, OperationsOptions } from "../../services/observability/operations.ts";
import { PARLEY_SERVICES } from "../../services/parley-services.ts";
import { explainAddress } from "../../services/process/explain-address.ts";
import type { KeyPair } from "../../services/settings/key-pair.ts";
import type { Settings } from "../../services/settings/settings.ts";
import { createApiDocument } from "../api/document.ts";
import { createEdgePorts } from "./edge-ports.ts";

/** What an edge is made of beside its settings. */
export type ConfiguredEdgeOptions = {
  settings: Settings;
  keyPair: KeyPair | undefined;
  /** Leads to the handlers. */
  transport: Transport;
  metrics: MetricsSource;
  log: Logger;
  ready: () => boolean;
  dependencies?: () => DependencyReport;
  /** Told where the metrics are, if it is given. */
  caches?: OperationsOptions["caches"];
  onCall: (call: FinishedCall) => void;
  /** Who made a call, out of its context values. Default: nobody knows, as where the services are in other processes. */
  callerOf?: (values: ContextValues) => Caller | undefined;
};

/** Where an edge listens: `http://host:port`, or `https://`. */
export type EdgeAddresses = {
  address: string;
  /** Of the private port, where there is one. */
  privateAddress?: string;
};

export type ConfiguredEdge = {
  /** Rejects with an Error that names the setting of an address that cannot be used. */
  listen(): Promise<EdgeAddresses>;
  /** Finishes the requests under way within SHUTDOWN_TIMEOUT. */
  close(): Promise<void>;
};

/** The edge of Parley's services as the settings have it. */
export async function createConfiguredEdge(options: ConfiguredEdgeOptions): Promise<ConfiguredEdge> {
  const { HOST, PORT, PRIVATE_HOST, PRIVATE_PORT } = options.settings;
  const { edge, privateServer } = await createPorts(options);
  return {
    async listen() {
      const address = await edge
        .listen({ host: HOST, port: PORT })
        .catch(explainAddress(`PORT ${PORT} of HOST ${HOST}`));
      const privateAddress = await privateServer
        ?.listen({ host: PRIVATE_HOST, port: PRIVATE_PORT! })
        .catch(explainAddress(`PRIVATE_PORT ${PRIVATE_PORT} of PRIVATE_HOST ${PRIVATE_HOST}`));
      return { address, ...(privateAddress !== undefined && { privateAddress }) };
    },
    async close() {
      await Promise.all([edge.close(), privateServer?.close()]);
    },
  };
}

async function createPorts({ settings, keyPair, log, onCall, callerOf, ...options }: ConfiguredEdgeOptions) {
  return createEdgePorts({
    ...options,
    services: PARLEY_SERVICES,
    tls: keyPair,
    corsOrigins: settings.CORS_ORIGINS ?? [],
    trustedProxies: settings.TRUST_PROXY,
    docs: await createApiDocument(PARLEY_SERVICES),
    places: { docs: settings.DOCS, metrics: settings.METRICS },
    hasPrivate: settings.PRIVATE_PORT !== undefined,
    maxRequestBytes: settings.REQUEST_MAX_BYTES,
    closeTimeoutMs: settings.SHUTDOWN_TIMEOUT,
    onCall: ({ traceparent, contextValues, ...call }) => {
      onCall({ ...call, traceId: traceIdOf(traceparent), caller: callerOf?.(contextValues) });
    },
    onError: (err) => log.error({ err }, "the edge failed with an internal error"),
  });
}
