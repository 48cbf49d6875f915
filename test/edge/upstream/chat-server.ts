import type { ServiceImpl } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import { Health } from "../../../gen/health/v1/health_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { createGrpcHealth } from "../../../services/rpc/grpc-health.ts";
import { createGrpcServer } from "../../../services/rpc/grpc-server.ts";
import { createHealthStatus } from "../../../services/rpc/health-status.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import type { KeyPair } from "../../../services/settings/key-pair.ts";

export type ChatServer = {
  /** `127.0.0.1:port` */
  address: string;
  port: number;
  /** Calls that were begun, but those for health. */
  readonly calls: number;
  health: ReturnType<typeof createHealthStatus>;
  stop(): Promise<void>;
};

export type ChatServerOptions = {
  /** Answers every method; by default with an empty message. */
  handle?: () => Promise<object> | object;
  /** More methods, in place of it. */
  methods?: Partial<ServiceImpl<typeof ChatService>>;
  port?: number;
  tls?: KeyPair;
};

/** A gRPC server of chats that are not there, which says that it takes calls; stopped after the test. */
export async function startChatServer({ handle = () => ({}), methods, port = 0, tls }: ChatServerOptions = {}) {
  const state = { calls: 0 };
  const answer = () => {
    state.calls++;
    return handle();
  };
  const health = createHealthStatus();
  health.set(true);
  const registry = createRpcRegistry();
  registry.add(ChatService, { getChat: answer, createChat: answer, updateChat: answer, ...methods });
  registry.add(Health, createGrpcHealth(new Map([["", health]])));
  const server = createGrpcServer({ registry, tls });
  const bound = await server.listen("127.0.0.1", port);
  onTestFinished(() => server.stop(0));
  return {
    address: `127.0.0.1:${bound}`,
    port: bound,
    get calls() {
      return state.calls;
    },
    health,
    stop: () => server.stop(0),
  } satisfies ChatServer;
}
