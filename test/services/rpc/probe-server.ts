import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor, ServiceImpl } from "@connectrpc/connect";
import { onTestFinished } from "vitest";
import type { CallReport } from "../../../services/rpc/call-report.ts";
import { createGrpcServer, type GrpcServer } from "../../../services/rpc/grpc-server.ts";
import type { GrpcSessionTimes } from "../../../services/rpc/grpc-session.ts";
import { createRpcRegistry, type RpcRegistry, type RpcRegistryOptions } from "../../../services/rpc/rpc-registry.ts";
import { ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { ProbeClient } from "./probe-client.ts";

export type Fault = { error: unknown; method: DescMethod; requestId: string };
export type Probed = {
  registry: RpcRegistry;
  server: GrpcServer;
  client: ProbeClient;
  port: number;
  /** What the server reported, by its two callbacks. */
  calls: CallReport[];
  faults: Fault[];
};

type ProbeOptions = RpcRegistryOptions &
  GrpcSessionTimes & {
    interceptors?: Interceptor[];
    maxRequestBytes?: number;
    maxMetadataBytes?: number;
    /** Adds services beside the probe. */
    add?: (registry: RpcRegistry) => void;
  };

/** A real server and a real client of it, both closed when the test is over. */
export async function startProbe(
  implementation: Partial<ServiceImpl<typeof ProbeService>>,
  { add, maxRequestBytes, maxMetadataBytes, ...options }: ProbeOptions = {},
): Promise<Probed> {
  const calls: CallReport[] = [];
  const faults: Fault[] = [];
  const registry = createRpcRegistry({
    onFault: (error, method, requestId) => faults.push({ error, method, requestId }),
    ...options,
  });
  registry.add(ProbeService, implementation);
  add?.(registry);
  const server = createGrpcServer({
    ...{ ...options, registry, maxRequestBytes, maxMetadataBytes },
    onCall: (report) => calls.push(report),
  });
  const port = await server.listen("127.0.0.1", 0);
  const client = new ProbeClient(port);
  onTestFinished(async () => {
    client.close();
    await server.stop(0);
  });
  return { registry, server, client, port, calls, faults };
}
