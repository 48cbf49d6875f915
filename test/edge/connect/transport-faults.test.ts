import type { AddressInfo } from "node:net";
import { create, type DescMessage } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { fastify } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { forwardConnect } from "../../../edge/connect/index.ts";
import { failureOf } from "../../failure.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import { LIMIT, openTransport, PROTOCOLS, SERVICES } from "./kitchen-edge.ts";

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
