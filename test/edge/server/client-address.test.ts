import { create } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { expect, test } from "vitest";
import { rateLimited } from "../../../services/limits/rate-limited.ts";
import { exchange } from "../../rest-transport.ts";
import { KitchenService, type SinkSchema } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { type KitchenEdgeOptions, openEdge } from "./kitchen-edge.ts";

const NAME = "parley-client-address";

/** An edge whose transport keeps the headers of calls. */
async function openListening(options: KitchenEdgeOptions = {}, fail?: () => never) {
  const told: (string | null)[] = [];
  const transport = {
    async unary(method: { output: typeof SinkSchema }, ...[, , header]: [unknown, unknown, Headers]) {
      told.push(header.get(NAME));
      fail?.();
      return { stream: false, method, message: create(method.output), header: new Headers(), trailer: new Headers() };
    },
  } as unknown as Transport;
  return { told, ...(await openEdge({ ...options, transport })) };
}

const PROTOCOLS = {
  rest: async (address: string, headers: Record<string, string>) => {
    await exchange(`${address}/v1/sink`, { method: "GET", headers });
  },
  connect: async (address: string, headers: Record<string, string>) => {
    const transport = createConnectTransport({ baseUrl: address, httpVersion: "1.1" });
    await createClient(KitchenService, transport).fillSink({}, { headers });
  },
  "grpc-web": async (address: string, headers: Record<string, string>) => {
    const transport = createGrpcWebTransport({ baseUrl: address, httpVersion: "1.1" });
    await createClient(KitchenService, transport).fillSink({}, { headers });
  },
} as const;

test.each(Object.entries(PROTOCOLS))("over %s the services are told where a call comes from", async (_name, call) => {
  const { address, told } = await openListening();
  await call(address, {});
  expect(told).toEqual(["127.0.0.1"]);
});

test.each(Object.entries(PROTOCOLS))(
  "over %s what a caller says of its address is not passed on",
  async (_name, call) => {
    const { address, told } = await openListening();
    await call(address, { [NAME]: "192.0.2.1" });
    await call(address, { [`grpc-metadata-${NAME}`]: "192.0.2.1" });
    expect(told).toEqual(["127.0.0.1", "127.0.0.1"]);
  },
);

test.each(Object.entries(PROTOCOLS))("over %s a trusted proxy says where a call comes from", async (_name, call) => {
  const { address, told } = await openListening({ trustedProxies: ["loopback"] });
  await call(address, { "x-forwarded-for": "203.0.113.7" });
  await call(address, { "x-forwarded-for": "anything" });
  expect(told).toEqual(["203.0.113.7", "127.0.0.1"]);
});

test("a call that came too often says over HTTP when to repeat it, under the names that such headers have", async () => {
  const quota = { name: "user-calls-minute", max: 600, windowMs: 60_000 } as const;
  const { address } = await openListening({}, () => {
    throw rateLimited({ quota, remaining: 0, resetMs: 11_001 });
  });
  const rest = await fetch(`${address}/v1/sink`);
  const body = '{"aString":""}';
  const headers = { "content-type": "application/json" };
  const connect = await fetch(`${address}/kitchen.v1.KitchenService/FillSink`, { method: "POST", headers, body });
  for (const answer of [rest, connect]) {
    expect(answer.status).toBe(429);
    expect(answer.headers.get("retry-after")).toBe("12");
    expect(answer.headers.get("ratelimit")).toBe('"user-calls-minute";r=0;t=12');
    expect(answer.headers.get("ratelimit-policy")).toBe('"user-calls-minute";q=600;w=60');
  }
  const { error } = (await rest.json()) as { error: { details: unknown[] } };
  expect(error.details).toContainEqual({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "12s" });
});
