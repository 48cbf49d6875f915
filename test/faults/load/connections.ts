import { Agent } from "node:http";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createGrpcJsTransport } from "../../grpc-js-transport.ts";
import { createRestTransport } from "../../rest-transport.ts";
import { type Services, servicesOf } from "../../tenant.ts";
import { withDeadline } from "./deadline-transport.ts";

/** Where Parley is reached: `host:port` of each process that speaks gRPC, `http://host:port` of each edge. */
export type EntryPoints = { grpc: readonly string[]; edges: readonly string[] };

/** A connection of its own. */
export type Connection = { services(key: string): Services; close(): void };

/** Every so many connections one goes through an edge. */
const EDGE_EVERY = 4;
/** A channel that finds its server gone tries again soon, so that what is measured is the server's return. */
const RECONNECT = { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 250 };

/**
 * Opens connections: gRPC channels to each process in turn, and some to the edges, of which every other speaks REST and
 * the rest Connect.
 */
export function openConnections({ grpc, edges }: EntryPoints, count: number, timeoutMs: number): Connection[] {
  return Array.from({ length: count }, (_, index) => {
    const turn = Math.floor(index / EDGE_EVERY);
    const throughEdge = index % EDGE_EVERY === EDGE_EVERY - 1 && edges.length > 0;
    return throughEdge
      ? openEdgeConnection(edges[turn % edges.length]!, turn % 2 === 0 ? "rest" : "connect", timeoutMs)
      : openGrpcConnection(grpc[index % grpc.length]!, timeoutMs);
  });
}

function openGrpcConnection(address: string, timeoutMs: number): Connection {
  const transport = createGrpcJsTransport(address, undefined, RECONNECT);
  return connectionOf(withDeadline(transport, timeoutMs), () => transport.close());
}

function openEdgeConnection(address: string, protocol: "rest" | "connect", timeoutMs: number): Connection {
  const agent = new Agent({ keepAlive: true });
  const options = { baseUrl: address, httpVersion: "1.1", nodeOptions: { agent }, useBinaryFormat: false } as const;
  const transport = protocol === "rest" ? createRestTransport(address, agent) : createConnectTransport(options);
  return connectionOf(withDeadline(transport, timeoutMs), () => agent.destroy());
}

function connectionOf(transport: Transport, close: () => void): Connection {
  const byKey = new Map<string, Services>();
  return {
    services(key) {
      const services = byKey.get(key) ?? servicesOf(transport, key);
      byKey.set(key, services);
      return services;
    },
    close,
  };
}
