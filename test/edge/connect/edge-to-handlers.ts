import type { ServiceImpl, Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { onTestFinished } from "vitest";
import type { EdgeCall } from "../../../edge/server/call-observer.ts";
import type { EdgeOptions } from "../../../edge/server/edge-server.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { createGrpcServer } from "../../../services/rpc/grpc-server.ts";
import { createLocalTransport } from "../../../services/rpc/local-transport.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { openEdge } from "../server/kitchen-edge.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import { openTestUpstream } from "../upstream/test-upstream.ts";

/** What the edge's transport leads to: handlers of the same process, or a gRPC server. */
export const BEHIND = ["the same process", "a gRPC server"] as const;
export type Behind = (typeof BEHIND)[number];

export type Handlers = {
  kitchen?: Partial<ServiceImpl<typeof KitchenService>>;
  stream?: Partial<ServiceImpl<typeof StreamService>>;
  chats?: Partial<ServiceImpl<typeof ChatService>>;
};

/** In bytes. */
export const LIMIT = 2_000;

export const SERVICES = [KitchenService, StreamService, ChatService];

export type EdgeToHandlers = {
  address: string;
  /** Those that are over. */
  calls: EdgeCall[];
  /** What the services reported as their own faults. */
  faults: unknown[];
};

/** A transport to handlers, closed after the test. */
export async function openBehind(behind: Behind, handlers: Handlers, faults: unknown[] = []): Promise<Transport> {
  const registry = createRpcRegistry({ onFault: (thrown) => faults.push(thrown) });
  registry.add(KitchenService, handlers.kitchen ?? {});
  registry.add(StreamService, handlers.stream ?? {});
  registry.add(ChatService, handlers.chats ?? {});
  if (behind === "the same process") return createLocalTransport(registry);
  const server = createGrpcServer({ registry });
  const port = await server.listen("127.0.0.1", 0);
  onTestFinished(() => server.stop(0));
  return openTestUpstream([`127.0.0.1:${port}`]).transport;
}

/** An edge on a port of its own whose calls reach handlers, closed after the test. */
export async function openEdgeTo(
  handlers: Handlers = {},
  behind: Behind = "the same process",
  options: Partial<EdgeOptions> = {},
): Promise<EdgeToHandlers> {
  const faults: unknown[] = [];
  const transport = await openBehind(behind, handlers, faults);
  const { calls, address } = await openEdge({
    ...{ services: SERVICES, transport, maxRequestBytes: LIMIT, closeTimeoutMs: 0 },
    ...options,
  });
  return { calls, faults, address };
}

export const PROTOCOLS = ["Connect", "Connect in JSON", "gRPC-Web", "gRPC-Web in JSON"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** A client's side of a protocol, over HTTP/1.1 where nothing else is said. */
export function openTransport(protocol: Protocol, baseUrl: string, httpVersion: "1.1" | "2" = "1.1"): Transport {
  const create = protocol.startsWith("Connect") ? createConnectTransport : createGrpcWebTransport;
  return create({ baseUrl, httpVersion, useBinaryFormat: !protocol.endsWith("JSON") });
}
