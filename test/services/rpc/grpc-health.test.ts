import { Code, createClient } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../../../gen/health/v1/health_pb.ts";
import { createGrpcHealth } from "../../../services/rpc/grpc-health.ts";
import { createHealthStatus } from "../../../services/rpc/health-status.ts";
import { createLocalTransport } from "../../../services/rpc/local-transport.ts";
import { createRpcRegistry, type RpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { startProbe } from "./probe-server.ts";

function healthOf(names: string[]) {
  const statuses = new Map(names.map((name) => [name, createHealthStatus()]));
  const add = (registry: RpcRegistry) => registry.add(Health, createGrpcHealth(statuses));
  const registry = createRpcRegistry();
  add(registry);
  return { statuses, add, client: createClient(Health, createLocalTransport(registry)) };
}

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus;

describe("Check", () => {
  test("answers the status of the server and of each service", async () => {
    const { client, statuses } = healthOf(["", "a.B"]);
    expect((await client.check({})).status).toBe(NOT_SERVING);
    statuses.get("")?.set(true);
    expect((await client.check({})).status).toBe(SERVING);
    expect((await client.check({ service: "a.B" })).status).toBe(NOT_SERVING);
  });

  test("of an unknown service is NOT_FOUND", async () => {
    const error = await healthOf([""])
      .client.check({ service: "no" })
      .catch((error) => error);
    expect(error.code).toBe(Code.NotFound);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "RESOURCE_NOT_FOUND" }]);
  });
});

test("List answers them all", async () => {
  const { client, statuses } = healthOf(["", "a.B"]);
  statuses.get("a.B")?.set(true);
  const list = (await client.list({})).statuses;
  expect(Object.entries(list).map(([name, { status }]) => [name, status])).toEqual([
    ["", NOT_SERVING],
    ["a.B", SERVING],
  ]);
});

describe("Watch", () => {
  test("sends the status at once, then every change, and nothing that is none", async () => {
    const { client, statuses } = healthOf([""]);
    const health = statuses.get("")!;
    const watch = client.watch({})[Symbol.asyncIterator]();
    expect((await watch.next()).value?.status).toBe(NOT_SERVING);
    for (const serving of [true, false, true]) {
      const change = watch.next();
      health.set(serving);
      health.set(serving);
      expect((await change).value?.status).toBe(serving ? SERVING : NOT_SERVING);
    }
  });

  test("of an unknown service sends SERVICE_UNKNOWN and stays open", async () => {
    const watch = healthOf([""]).client.watch({ service: "no" }, { timeoutMs: 50 })[Symbol.asyncIterator]();
    expect((await watch.next()).value?.status).toBe(SERVICE_UNKNOWN);
    await expect(watch.next()).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  });

  test("leaves no listener behind", async () => {
    let listeners = 0;
    const health = {
      serving: () => true,
      onChange() {
        listeners++;
        return () => listeners--;
      },
    };
    const registry = createRpcRegistry();
    registry.add(Health, createGrpcHealth(new Map([["", health]])));
    const abort = new AbortController();
    const client = createClient(Health, createLocalTransport(registry));
    const watch = client.watch({}, { signal: abort.signal })[Symbol.asyncIterator]();
    await watch.next();
    expect(listeners).toBe(1);
    abort.abort();
    await expect(watch.next()).rejects.toMatchObject({ code: Code.Canceled });
    await expect.poll(() => listeners).toBe(0);
  });
});

test("is served over gRPC", async () => {
  const { add, statuses } = healthOf([""]);
  statuses.get("")?.set(true);
  const { client } = await startProbe({}, { add });
  expect((await client.call(Health.method.check, [{}])).messages[0]?.status).toBe(SERVING);
});
