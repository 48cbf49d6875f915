import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { failureFrom } from "../../failure.ts";
import { type Dish, DishSchema } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import { BEHIND, openEdgeTo, openTransport, PROTOCOLS } from "./edge-to-handlers.ts";
import { openHttp2Edge, openHttp2Transport } from "./http2-edge.ts";
import { envelope, errorIn, openConnection } from "./raw-exchange.ts";

const { WatchDishes, UploadDishes, Converse } = Object.fromEntries(
  StreamService.methods.map((method) => [method.name, `/${StreamService.typeName}/${method.name}`]),
);

const WAYS = BEHIND.flatMap((behind) => PROTOCOLS.map((protocol) => [protocol, behind] as const));

/** As a service fails: with details and metadata of its own. */
function failure(code: Code): ConnectError {
  const error = new ConnectError("the kitchen is closed: ☃", code, { "x-chef": "away", "x-more-bin": "AAEC" });
  error.details = [
    { desc: ErrorInfoSchema, value: { reason: "CLOSED", domain: "kitchen", metadata: { until: "noon" } } },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field: "id", description: "is closed" }] } },
  ];
  return error;
}

function expectWhole(error: unknown, code: Code): void {
  expect(error).toBeInstanceOf(ConnectError);
  const { rawMessage, metadata } = error as ConnectError;
  expect({ code: (error as ConnectError).code, rawMessage }).toEqual({ code, rawMessage: "the kitchen is closed: ☃" });
  expect((error as ConnectError).details).toHaveLength(2);
  const [info] = (error as ConnectError).findDetails(ErrorInfoSchema);
  expect(info).toMatchObject({ reason: "CLOSED", domain: "kitchen", metadata: { until: "noon" } });
  const [badRequest] = (error as ConnectError).findDetails(BadRequestSchema);
  expect(badRequest).toMatchObject({ fieldViolations: [{ field: "id", description: "is closed" }] });
  expect(Object.fromEntries(metadata)).toMatchObject({ "x-chef": "away", "x-more-bin": "AAEC" });
}

async function caught(run: () => Promise<unknown>): Promise<unknown> {
  return run().then(
    (answer) => expect.fail(`answered with ${JSON.stringify(answer)}`),
    (error) => error,
  );
}

async function readAll<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

async function* each<T>(...all: T[]): AsyncIterable<T> {
  yield* all;
}

function answerHeaders({ responseHeader, responseTrailer, requestHeader }: HandlerContext): void {
  responseHeader.set("x-given", requestHeader.get("x-given") ?? "nothing");
  responseTrailer.set("x-last", "bye");
}

/** What a caller gives and gets beside messages. */
function followMetadata() {
  const seen: { header?: Headers; trailer?: Headers } = {};
  const options = {
    headers: { "x-given": "salt" },
    onHeader: (header: Headers) => {
      seen.header = header;
    },
    onTrailer: (trailer: Headers) => {
      seen.trailer = trailer;
    },
  };
  return { options, seen };
}

function expectMetadata({ header, trailer }: { header?: Headers; trailer?: Headers }): void {
  expect(header?.get("x-given")).toBe("salt");
  expect(trailer?.get("x-last")).toBe("bye");
}

describe.each(WAYS)("%s to %s", (protocol, behind) => {
  test("many answers, with headers and trailers", async () => {
    const { address, calls } = await openEdgeTo(
      {
        stream: {
          async *watchDishes({ id }, context) {
            answerHeaders(context);
            for (let price = 1n; price <= 3n; price++) yield { name: id, price };
          },
        },
      },
      behind,
    );
    const client = createClient(StreamService, openTransport(protocol, address));
    const { options, seen } = followMetadata();
    const dishes = await readAll(client.watchDishes({ id: "soup" }, options));
    expect(dishes.map(({ name, price }) => [name, price])).toEqual([1n, 2n, 3n].map((price) => ["soup", price]));
    expectMetadata(seen);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: WatchDishes, code: undefined });
  });

  test("no answer at all", async () => {
    const { address } = await openEdgeTo({ stream: { async *watchDishes() {} } }, behind);
    expect(await readAll(createClient(StreamService, openTransport(protocol, address)).watchDishes({}))).toEqual([]);
  });

  test("many requests, with headers and trailers", async () => {
    const { address, calls } = await openEdgeTo(
      {
        stream: {
          async uploadDishes(requests, context) {
            answerHeaders(context);
            return { tags: (await readAll(requests)).map(({ parent }) => parent) };
          },
        },
      },
      behind,
    );
    const client = createClient(StreamService, openTransport(protocol, address));
    const { options, seen } = followMetadata();
    const { tags } = await client.uploadDishes(each({ parent: "a" }, { parent: "b" }), options);
    expect(tags).toEqual(["a", "b"]);
    expectMetadata(seen);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: UploadDishes, code: undefined });
  });

  test("both ways at a time", async () => {
    const { address, calls } = await openHttp2Edge(
      {
        stream: {
          async *converse(lines, context) {
            answerHeaders(context);
            for await (const { text, number } of lines) yield { text: `${text}!`, number };
          },
        },
      },
      behind,
    );
    const client = createClient(StreamService, openHttp2Transport(protocol, address));
    const answered: Promise<void>[] = [];
    const heard = [1, 2, 3].map(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      answered.push(promise);
      return resolve;
    });
    async function* ask() {
      for (const number of [1, 2, 3]) {
        yield { text: "hey", number };
        await answered[number - 1];
      }
    }
    const { options, seen } = followMetadata();
    const numbers: number[] = [];
    for await (const { text, number } of client.converse(ask(), options)) {
      expect(text).toBe("hey!");
      numbers.push(number);
      heard[number - 1]!();
    }
    expect(numbers).toEqual([1, 2, 3]);
    expectMetadata(seen);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: Converse, code: undefined });
  });

  test("an error between answers is whole, and the call's", async () => {
    const { address, calls } = await openEdgeTo(
      {
        stream: {
          async *watchDishes() {
            yield { name: "soup" };
            throw failure(Code.FailedPrecondition);
          },
        },
      },
      behind,
    );
    const client = createClient(StreamService, openTransport(protocol, address));
    const dishes: Dish[] = [];
    const error = await caught(async () => {
      for await (const dish of client.watchDishes({})) dishes.push(dish);
    });
    expect(dishes).toEqual([create(DishSchema, { name: "soup" })]);
    expectWhole(error, Code.FailedPrecondition);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: WatchDishes, code: Code.FailedPrecondition });
  });

  test("an error instead of an answer is whole, and the call's", async () => {
    const { address, calls } = await openEdgeTo(
      {
        stream: {
          // biome-ignore lint/correctness/useYield: it fails first
          async *watchDishes() {
            throw failure(Code.Aborted);
          },
          uploadDishes: () => Promise.reject(failure(Code.DataLoss)),
        },
      },
      behind,
    );
    const client = createClient(StreamService, openTransport(protocol, address));
    expectWhole(await caught(() => readAll(client.watchDishes({}))), Code.Aborted);
    expectWhole(await caught(() => client.uploadDishes(each({}))), Code.DataLoss);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    expect(calls.map(({ code }) => code)).toEqual([Code.Aborted, Code.DataLoss]);
  });

  test("the deadline ends a stream on either side", async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
    const { address, calls } = await openEdgeTo(
      {
        stream: {
          async *watchDishes(_request, { signal }) {
            yield { name: "soup" };
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            end(signal.reason);
          },
        },
      },
      behind,
    );
    // A client of Connect's would leave at the deadline by itself.
    const format = protocol.endsWith("JSON") ? "json" : "proto";
    const [type, timeout] = protocol.startsWith("Connect")
      ? [`application/connect+${format}`, { "connect-timeout-ms": "200" }]
      : [`application/grpc-web+${format}`, { "grpc-timeout": "200m" }];
    const body = envelope(format === "json" ? "{}" : "");
    const send = openConnection(address);
    const answer = await send({ path: WatchDishes!, headers: { "content-type": type, ...timeout }, body });
    expect(answer.body.toString()).toContain("soup");
    const failed = failureFrom(errorIn(answer));
    expect(failed.code).toBe("DeadlineExceeded");
    const reason = await ended;
    // At its deadline a client of gRPC cancels, and does not wait for what the server has to say.
    if (behind === "the same process") {
      expect(failed.reason).toBe("DEADLINE_EXCEEDED");
      expect(reason).toMatchObject({ code: Code.DeadlineExceeded });
    }
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.DeadlineExceeded);
  });

  test("a caller that goes ends a stream of answers", async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
    const { address, calls } = await openEdgeTo(
      {
        stream: {
          async *watchDishes(_request, { signal }) {
            yield { name: "soup" };
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
            end(signal.reason);
          },
        },
      },
      behind,
    );
    const controller = new AbortController();
    const client = createClient(StreamService, openTransport(protocol, address));
    const error = await caught(async () => {
      for await (const _ of client.watchDishes({}, { signal: controller.signal })) controller.abort();
    });
    expect(error).toMatchObject({ code: Code.Canceled });
    expect(await ended).toMatchObject({ code: Code.Canceled });
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.Canceled);
  });

  test("a caller that goes ends a stream of requests", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
    const { address, calls, faults } = await openEdgeTo(
      {
        stream: {
          async uploadDishes(requests) {
            try {
              for await (const _ of requests) begin();
              end("the requests came to an end");
            } catch (error) {
              end(error);
            }
            return {};
          },
        },
      },
      behind,
    );
    const controller = new AbortController();
    async function* upload() {
      yield { parent: "a" };
      await new Promise(() => {});
    }
    const client = createClient(StreamService, openTransport(protocol, address));
    const uploaded = caught(() => client.uploadDishes(upload(), { signal: controller.signal }));
    await begun;
    controller.abort();
    expect(await uploaded).toMatchObject({ code: Code.Canceled });
    const last = await ended;
    // Node's client of HTTP/2 ends a stream that it resets, and the server may see the end first.
    if (behind === "the same process") expect(last).toMatchObject({ code: Code.Canceled });
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.Canceled);
    expect(faults).toEqual([]);
  });
});
