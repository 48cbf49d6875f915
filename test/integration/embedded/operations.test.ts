import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../gen/health/v1/health_pb.ts";
import { PARLEY_SERVICES } from "../../../services/parley-services.ts";
import { failureOf } from "../../failure.ts";
import { text } from "../../message-text.ts";
import { startParley } from "../../parley-in-process.ts";
import { createDataDir, startParleyProcess } from "../../parley-process.ts";
import { openTransports, PROTOCOLS, type Transports } from "../../protocols.ts";
import { exchange } from "../../rest-transport.ts";
import { isInstalled } from "../../system-call-trace.ts";
import { createTenant, servicesOf, type Tenant } from "../../tenant.ts";

const CREATE = "/parley.v1.MessageService/CreateMessage";
const run = promisify(execFile);

let parley: Awaited<ReturnType<typeof startParley>>;
let transports: Transports;
let tenant: Tenant;
/** connect-node's gRPC, which has streams. */
let streaming: Transport;

beforeAll(async () => {
  parley = await startParley();
  transports = openTransports(parley);
  streaming = createGrpcTransport({ baseUrl: `http://${parley.grpcAddress}` });
  tenant = await createTenant(transports.grpc, parley.adminKey);
  const { name } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
  for (const protocol of PROTOCOLS) {
    const { messages } = servicesOf(transports[protocol], tenant.key);
    await messages.createMessage({ parent: name, message: text("x") });
    await failureOf(messages.createMessage({ parent: name, message: text(" ") }));
  }
});

afterAll(async () => {
  transports.close();
  await parley.stop();
});

const get = (path: string) => exchange(parley.address + path, { method: "GET" });

/** The name of a series, its labels in alphabetical order: `name{a="b",c="d"}`. */
function seriesOf(text: string): string {
  const [, name = text, labels = ""] = /^(\w+)\{(.*)\}$/.exec(text) ?? [];
  const sorted =
    labels
      .match(/\w+="[^"]*"/g)
      ?.sort()
      .join() ?? "";
  return sorted === "" ? name : `${name}{${sorted}}`;
}

/** The values of all series, by `seriesOf`. */
async function readMetrics(): Promise<Map<string, number>> {
  const answer = await get("/metrics");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = answer.body
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(" ");
      return [seriesOf(line.slice(0, space)), Number(line.slice(space + 1))];
    }),
  );
}

describe("over HTTP, without a credential", () => {
  test.each(["/healthz", "/health", "/readyz"])("%s is 200", async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(JSON.parse(body.toString())).toHaveProperty("status");
  });

  test("/metrics counts requests by method, code and protocol", async () => {
    const metrics = await readMetrics();
    for (const protocol of PROTOCOLS) {
      const requests = (code: string) =>
        metrics.get(`parley_requests_total{code="${code}",method="${CREATE}",protocol="${protocol}"}`);
      expect(requests("OK"), protocol).toBe(1);
      expect(requests("InvalidArgument"), protocol).toBe(1);
    }
  });

  test("/metrics has histograms of latencies and groups", async () => {
    const metrics = await readMetrics();
    for (const protocol of PROTOCOLS) {
      const labels = `method="${CREATE}",protocol="${protocol}"`;
      expect(metrics.get(`parley_request_duration_seconds_count{${labels}}`)).toBe(2);
      expect(metrics.get(`parley_request_duration_seconds_bucket{le="30",${labels}}`)).toBe(2);
      expect(metrics.get(`parley_request_duration_seconds_sum{${labels}}`)).toBeGreaterThan(0);
    }
    expect(metrics.get("parley_group_messages_sum")).toBe(1 + PROTOCOLS.length);
    expect(metrics.get("parley_group_bytes_sum")).toBeGreaterThan(0);
  });

  test("/metrics has the queue's depth, the index's lag and the event loop's, and no tenant", async () => {
    await expect.poll(async () => (await readMetrics()).get("parley_queue_records")).toBe(0);
    await expect.poll(async () => (await readMetrics()).get("parley_index_lag_records")).toBe(0);
    const metrics = await readMetrics();
    for (const name of ["parley_queue_bytes", "parley_pending_writes", "parley_dead_letters_total"])
      expect(metrics.get(name)).toBe(0);
    for (const name of ["nodejs_eventloop_lag_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total"]) {
      expect(metrics.get(name), name).toBeGreaterThanOrEqual(0);
    }
    expect([...metrics.keys()].join()).not.toContain(tenant.name.slice("applications/".length));
  });

  test.each(["/", "/v1", "/v2/applications", "/healthz/x", "/parley.v1.ChatService/Nothing"])(
    "%s is 404",
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});

describe("over gRPC, without a credential", () => {
  test("the server and each service is healthy, an unknown one is NOT_FOUND", async () => {
    const health = createClient(Health, transports.grpc);
    for (const service of ["", ...PARLEY_SERVICES.map(({ typeName }) => typeName)]) {
      expect((await health.check({ service })).status, service).toBe(Status.SERVING);
    }
    expect(await failureOf(health.check({ service: "nobody" }))).toMatchObject({ code: "NotFound" });
  });

  test("a watch sees that it is healthy, and its end at a stop", async () => {
    const own = await createDataDir();
    const stopping = await startParleyProcess(own.path);
    const health = createClient(Health, createGrpcTransport({ baseUrl: `http://${stopping.grpcAddress}` }));
    const seen: Status[] = [];
    const watch = (async () => {
      for await (const { status } of health.watch({})) {
        seen.push(status);
        if (seen.length === 1) expect(await stopping.end("SIGTERM")).toBe(0);
      }
    })();
    expect(await failureOf(watch)).toMatchObject({ code: "Unavailable" });
    expect(seen[0]).toBe(Status.SERVING);
    await own.remove();
  });

  test("every status at once", async () => {
    const { statuses } = await createClient(Health, streaming).list({});
    expect(Object.values(statuses).map(({ status }) => status)).toEqual(
      Array(1 + PARLEY_SERVICES.length).fill(Status.SERVING),
    );
  });
});

describe.runIf(isInstalled("grpcurl", "-version"))("by grpcurl, through reflection", () => {
  const grpcurl = async (...parameters: string[]) => {
    const { stdout } = await run("grpcurl", ["-plaintext", ...parameters]);
    return stdout;
  };

  test("every service is listed and described, with its annotations", async () => {
    const services = (await grpcurl(parley.grpcAddress, "list")).trim().split("\n");
    expect(services).toEqual(
      expect.arrayContaining([...PARLEY_SERVICES.map(({ typeName }) => typeName), "grpc.health.v1.Health"]),
    );
    const described = await grpcurl(parley.grpcAddress, "describe", "parley.v1.ChatService.CreateChat");
    expect(described).toContain('post: "/v1/{parent=applications/*}/chats"');
  });

  test("a call can be made", async () => {
    const headers = ["-H", `authorization: Bearer ${tenant.key}`];
    const request = JSON.stringify({ parent: tenant.name, chat: { title: "by grpcurl" } });
    const answer = await grpcurl(...headers, "-d", request, parley.grpcAddress, "parley.v1.ChatService/CreateChat");
    expect(JSON.parse(answer)).toMatchObject({ title: "by grpcurl", kind: "KIND_OPEN" });
  });
});
