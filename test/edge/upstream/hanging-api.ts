import { Health } from "../../../gen/health/v1/health_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { createGrpcHealth } from "../../../services/rpc/grpc-health.ts";
import { createGrpcServer } from "../../../services/rpc/grpc-server.ts";
import { createHealthStatus } from "../../../services/rpc/health-status.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";

/** A process that never answers a call. It prints its port, and then a line for each call that it has. */

const hang = () => {
  process.stdout.write("called\n");
  return new Promise<never>(() => {});
};
const health = createHealthStatus();
health.set(true);
const registry = createRpcRegistry();
registry.add(ChatService, { getChat: hang, updateChat: hang });
registry.add(Health, createGrpcHealth(new Map([["", health]])));
const port = await createGrpcServer({ registry }).listen("127.0.0.1", 0);
process.stdout.write(`${port}\n`);
