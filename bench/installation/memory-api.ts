import { toBinary } from "@bufbuild/protobuf";
import { createConfiguredEdge } from "../../edge/server/configured-edge.ts";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { authenticate } from "../../services/auth/authenticate.ts";
import { Authenticator } from "../../services/auth/authenticator.ts";
import { authorize } from "../../services/auth/authorize.ts";
import { findPrincipal } from "../../services/auth/principal.ts";
import { createCallLog } from "../../services/observability/call-log.ts";
import { createLog } from "../../services/observability/log.ts";
import { Metrics } from "../../services/observability/metrics.ts";
import { rememberBytes } from "../../services/rpc/encoded-messages.ts";
import { openGrpcPort } from "../../services/rpc/grpc-port.ts";
import { createLocalTransport } from "../../services/rpc/local-transport.ts";
import { createRpcRegistry } from "../../services/rpc/rpc-registry.ts";
import { validate } from "../../services/rpc/validation/validate.ts";
import { readSettings } from "../../services/settings/settings.ts";
import { createdMessage } from "../load/workload.ts";
import { MEMORY_APPLICATION, MEMORY_PARENT } from "./memory-api-process.ts";

/**
 * An api that answers each CreateMessage with one stored message from memory, and does all else that the api does:
 * authentication, validation, authorization, metrics, log. It serves gRPC, or, where its parameter is `edge`, is in one
 * process with an edge and serves that. It prints its port.
 */

const stored = createdMessage(MEMORY_PARENT);
const settings = readSettings({ PORT: "0", GRPC_PORT: "0" });
const log = createLog(settings);
const metrics = new Metrics();
const callLog = createCallLog(metrics, log);
const keys = { findKey: async () => ({ application: MEMORY_APPLICATION, expireTimeMs: null }) };
const tokens = {
  recall: () => undefined,
  authenticate: () => Promise.reject(new Error("an api of this kind has no users")),
};
const facts = { chat: () => undefined, member: () => undefined, message: () => undefined };
const authenticator = new Authenticator({
  adminKey: "bench-admin-key-0123456789abcdef",
  keys,
  tokens,
  maxAgeMs: 60_000,
});
const registry = createRpcRegistry({ interceptors: [authenticate(authenticator), validate(), authorize(facts)] });
// As of what an api stores, its bytes are kept with it.
rememberBytes(stored, toBinary(MessageSchema, stored));
registry.add(MessageService, { createMessage: async () => stored });

async function serveEdge(): Promise<string> {
  const transport = createLocalTransport(registry);
  const options = { settings, keyPair: undefined, transport, metrics, log, ready: () => true, onCall: callLog };
  const { address } = await (await createConfiguredEdge(options)).listen();
  return address;
}

const isEdge = process.argv[2] === "edge";
const opened = new AsyncDisposableStack();
const address = isEdge
  ? await serveEdge()
  : await openGrpcPort({ settings, tls: undefined, registry, callLog, callerOf: findPrincipal }, opened);
process.stdout.write(`${address.slice(address.lastIndexOf(":") + 1)}\n`);
