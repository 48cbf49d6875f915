import type { ContextValues } from "@connectrpc/connect";
import { SERVER_LIMITS } from "../http/server-limits.ts";
import type { Caller, FinishedCall } from "../observability/call-log.ts";
import { traceIdOf } from "../observability/call-log.ts";
import { explainAddress } from "../process/explain-address.ts";
import type { KeyPair } from "../settings/key-pair.ts";
import type { Settings } from "../settings/settings.ts";
import type { CallReport } from "./call-report.ts";
import { createGrpcServer } from "./grpc-server.ts";
import { memoize } from "./memoize.ts";
import { methodPath } from "./method-path.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

export type GrpcPortOptions = {
  settings: Pick<Settings, "HOST" | "GRPC_PORT" | "REQUEST_MAX_BYTES" | "SHUTDOWN_TIMEOUT">;
  tls: KeyPair | undefined;
  registry: RpcRegistry;
  callLog: (call: FinishedCall) => void;
  /** Who made a call, out of its context values. */
  callerOf: (values: ContextValues) => Caller | undefined;
};

/** Serves a registry at HOST and GRPC_PORT; `opened` ends that. Resolves with `host:port`. */
export async function openGrpcPort(
  { settings, tls, registry, callLog, callerOf }: GrpcPortOptions,
  opened: AsyncDisposableStack,
): Promise<string> {
  const { HOST, GRPC_PORT, REQUEST_MAX_BYTES, SHUTDOWN_TIMEOUT } = settings;
  const server = createGrpcServer({
    ...{ registry, tls },
    maxRequestBytes: REQUEST_MAX_BYTES,
    // A call that fits through the edge's port fits through this one; why so much, is said there.
    maxMetadataBytes: SERVER_LIMITS.headersMaxBytes,
    onCall: createReporter(callLog, callerOf),
  });
  opened.defer(() => server.stop(SHUTDOWN_TIMEOUT));
  const port = await server.listen(HOST, GRPC_PORT).catch(explainAddress(`GRPC_PORT ${GRPC_PORT} of HOST ${HOST}`));
  return `${HOST.includes(":") ? `[${HOST}]` : HOST}:${port}`;
}

/** Tells the log of calls; the path of a method is made once. */
function createReporter(
  callLog: GrpcPortOptions["callLog"],
  callerOf: GrpcPortOptions["callerOf"],
): (report: CallReport) => void {
  const pathOf = memoize(methodPath);
  return ({ method, code, traceparent, contextValues, ...report }) => {
    const traceId = traceparent === null ? undefined : traceIdOf(traceparent);
    callLog({ ...report, method: pathOf(method), code: code || undefined, traceId, caller: callerOf(contextValues) });
  };
}
