import type { AddressInfo } from "node:net";
import { create, type DescMessage } from "@bufbuild/protobuf";
import { Code, createClient, type HandlerContext, type Transport } from "@connectrpc/connect";
import { fastify } from "fastify";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { forwardConnect } from "../../../edge/connect/index.ts";
import { failureFrom, failureOf } from "../../failure.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import { LIMIT, openEdgeTo, openTransport, PROTOCOLS, SERVICES } from "./edge-to-handlers.ts";
import { envelope, errorIn, openConnection } from "./raw-exchange.ts";

const FAULT = new TypeError("a secret of the transport");

/** A transport that breaks its contract: it throws, or answers a stream with so many messages. */
function brokenTransport(answers: number | undefined): Transport {
  const stream = (async (method: { output: DescMessage }) => {
    if (answers === undefined) throw FAULT;
    const messages = Array.from({ length: answers }, () => create(method.output));
    const message = (async function* () {
      yield* messages;
    })();
    return { stream: true, method, message, header: new Headers(), trailer: new Headers() };
  }) as unknown as Transport["stream"];
  return { stream, unary: () => Promise.reject(FAULT) };
}

async function openFaultyEdge(protocol: (typeof PROTOCOLS)[number], answers?: number) {
  const errors: unknown[] = [];
  const app = fastify();
  app.register(
    forwardConnect({
      services: SERVICES,
      transport: brokenTransport(answers),
      errorInfo: (kind) => ({ reason: kind, domain: "kitchen" }),
      maxRequestBytes: LIMIT,
      callOf: () => undefined,
      onError: (error) => errors.push(error),
    }),
  );
  await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return { errors, transport: openTransport(protocol, `http://127.0.0.1:${port}`) };
}

async function* noRequests() {}

const INTERNAL = { code: "Internal", message: "internal error", reason: "internal", domain: "kitchen" };

describe.each(PROTOCOLS)("%s", (protocol) => {
  test("what a transport throws is told of, and not to the caller", async () => {
    const { errors, transport } = await openFaultyEdge(protocol);
    expect(await failureOf(createClient(KitchenService, transport).getMenu({}))).toMatchObject(INTERNAL);
    const streams = createClient(StreamService, transport);
    expect(await failureOf(streams.uploadDishes(noRequests()))).toMatchObject(INTERNAL);
    expect(await failureOf(streams.watchDishes({})[Symbol.asyncIterator]().next())).toMatchObject(INTERNAL);
    expect(errors).toEqual([FAULT, FAULT, FAULT]);
  });

  test.each([
    [0, "no message"],
    [2, "several messages"],
  ])("a stream of requests with %i answers is a fault", async (answers, what) => {
    const { errors, transport } = await openFaultyEdge(protocol, answers);
    expect(await failureOf(createClient(StreamService, transport).uploadDishes(noRequests()))).toMatchObject(INTERNAL);
    expect(errors).toEqual([new Error(`a stream of requests was answered with ${what}`)]);
  });
});

test.each([
  ["application/json", 500],
  ["application/grpc-web+json", 200],
])("an answer whose headers cannot be sent is a fault, and internal for the caller: %s", async (type, status) => {
  const errors: unknown[] = [];
  const getMenu = (_request: unknown, { responseHeader }: HandlerContext) => {
    responseHeader.set("x-bad", "\u0001");
    return {};
  };
  const onError = (error: unknown) => errors.push(error);
  const { address, calls } = await openEdgeTo({ kitchen: { getMenu } }, "the same process", { onError });
  const path = "/kitchen.v1.KitchenService/GetMenu";
  const body = type === "application/json" ? Buffer.from("{}") : envelope("{}");
  const answer = await openConnection(address)({ path, headers: { "content-type": type }, body });
  expect(answer.status).toBe(status);
  expect(failureFrom(errorIn(answer))).toMatchObject({ code: "Internal", reason: "INTERNAL" });
  expect(errors).toMatchObject([{ cause: { code: "ERR_INVALID_CHAR" } }]);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]!.code).toBe(Code.Internal);
});
