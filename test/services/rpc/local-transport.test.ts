import { create, type DescMethodStreaming, type DescMethodUnary, isMessage } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, test, vi } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { invalidFields } from "../../../services/rpc/errors.ts";
import { createLocalTransport } from "../../../services/rpc/local-transport.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { openTestUpstream } from "../../edge/upstream/test-upstream.ts";
import { type Probe, ProbeSchema, ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { startProbe } from "./probe-server.ts";
import { readAll } from "./read-all.ts";

/** Answers by what the text says; each answer is the same over any transport. */
const implementation: Partial<ServiceImpl<typeof ProbeService>> = {
  ask: (request, context) => answer(request, context),
  async *listen(request, context) {
    yield answer(create(ProbeSchema, { text: "first" }), context);
    yield answer(request, context);
  },
  async collect(requests, context) {
    let last = create(ProbeSchema);
    for await (const request of requests) last = request;
    return answer(last, context);
  },
  async *talk(requests, context) {
    for await (const request of requests) yield answer(request, context);
  },
};

function answer({ text }: Probe, { requestHeader, responseHeader, responseTrailer }: HandlerContext) {
  responseHeader.set("x-header", requestHeader.get("x-sent") ?? "none");
  responseTrailer.set("x-trailer", "t");
  if (text === "unknown") throw new Error("secret");
  if (text === "plain") throw new ConnectError("plain", Code.Aborted);
  if (text !== "detailed") return { text: `${text}!` };
  const error = invalidFields([{ field: "text", description: "bad" }]);
  error.metadata.set("x-error", "e");
  throw error;
}

const metadataNames = ["x-header", "x-trailer", "x-error", "x-request-id"];

/** Everything that a caller can tell of a call. */
async function observe(call: (seen: { onHeader(h: Headers): void; onTrailer(h: Headers): void }) => Promise<unknown>) {
  const seen: Record<string, unknown> = {};
  const pick = (headers: Headers) => metadataNames.map((name) => headers.get(name));
  try {
    seen.messages = await call({
      onHeader: (header) => (seen.header = pick(header)),
      onTrailer: (trailer) => (seen.trailer = pick(trailer)),
    });
  } catch (error) {
    const { code, rawMessage, metadata, details } = error as ConnectError;
    const found = [ErrorInfoSchema, BadRequestSchema].map((desc) => (error as ConnectError).findDetails(desc));
    return { code, rawMessage, found, count: details.length, metadata: pick(metadata) };
  }
  return seen;
}

describe("equals gRPC", () => {
  const texts = ["fine", "unknown", "plain", "detailed"];
  const cases = ["ask", "listen", "collect", "talk", "missing"].flatMap((method) =>
    texts.map((text) => [method, text]),
  );

  test.each(cases)("in %s of %s", async (method, text) => {
    const { registry, port } = await startProbe(implementation);
    const grpc = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
    const edge = openTestUpstream([`127.0.0.1:${port}`]).transport;
    const [local, ...remote] = await Promise.all(
      [createLocalTransport(registry), grpc, edge].map((transport) => {
        const client = createClient(ProbeService, transport);
        return observe((seen) => {
          const options = { headers: { "x-sent": "s", "x-request-id": "r" }, ...seen };
          if (method === "ask" || method === "missing") return client[method]({ text }, options);
          if (method === "listen") return readAll(client.listen({ text }, options));
          async function* requests() {
            yield { text: "one" };
            yield { text };
          }
          if (method === "collect") return client.collect(requests(), options);
          return readAll(client.talk(requests(), options));
        });
      }),
    );
    expect(remote).toEqual([local, local]);
  });
});

describe("calls the registry directly", () => {
  test("and hands message instances over as they are", async () => {
    const seen: Probe[] = [];
    const response = create(ProbeSchema);
    const transport = localTransportOf({
      ask(request) {
        seen.push(request);
        return response;
      },
    });
    const request = create(ProbeSchema, { text: "same" });
    const answer = await transport.unary(ask, undefined, undefined, undefined, request);
    expect(seen[0]).toBe(request);
    expect(answer.message).toBe(response);
    await transport.unary(ask, undefined, undefined, undefined, { text: "init" });
    expect(isMessage(seen[1], ProbeSchema)).toBe(true);
  });

  test("and says so in the protocol name", async () => {
    const protocol = vi.fn();
    const transport = localTransportOf({
      ask(_, { protocolName }) {
        protocol(protocolName);
        return {};
      },
    });
    await transport.unary(ask, undefined, undefined, undefined, {});
    expect(protocol).toHaveBeenCalledWith("local");
  });

  test("and a service that is not there is UNIMPLEMENTED", async () => {
    const transport = createLocalTransport(createRpcRegistry());
    const error = await transport.unary(ask, undefined, undefined, undefined, {}).catch((error) => error);
    expect(error.code).toBe(Code.Unimplemented);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "METHOD_NOT_FOUND" }]);
  });
});

describe("ends calls", () => {
  const never = () => new Promise<never>(() => {});
  const stuck: Partial<ServiceImpl<typeof ProbeService>> = {
    ask: never,
    async *listen() {
      yield {};
      yield await never();
    },
  };

  test.each([
    ["a timeout", Code.DeadlineExceeded, "DEADLINE_EXCEEDED", undefined, 20],
    ["a timeout of zero", Code.DeadlineExceeded, "DEADLINE_EXCEEDED", undefined, 0],
    ["an abort", Code.Canceled, "CANCELLED", () => AbortSignal.timeout(20), undefined],
    ["an abort before", Code.Canceled, "CANCELLED", () => AbortSignal.abort(), undefined],
    ["an abort with a ConnectError", Code.DeadlineExceeded, "DEADLINE_EXCEEDED", abortedByDeadline, undefined],
  ])("on %s, unary and in mid-stream", async (_, code, reason, signalOf, timeoutMs) => {
    const client = createClient(ProbeService, localTransportOf(stuck));
    const calls = [
      client.ask({}, { signal: signalOf?.(), timeoutMs }),
      readAll(client.listen({}, { signal: signalOf?.(), timeoutMs })),
    ];
    for (const call of calls) {
      const error = await call.then(
        () => undefined,
        (error: unknown) => error as ConnectError,
      );
      expect(error).toMatchObject({ code });
      expect(error?.findDetails(ErrorInfoSchema)).toMatchObject([{ reason }]);
    }
  });

  function abortedByDeadline(): AbortSignal {
    return AbortSignal.abort(new ConnectError("late", Code.DeadlineExceeded));
  }

  test("without calling the handler when they are over before they begin", async () => {
    const handler = vi.fn(() => ({}));
    const client = createClient(ProbeService, localTransportOf({ ask: handler }));
    await expect(client.ask({}, { timeoutMs: -5 })).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    await expect(client.ask({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: Code.Canceled });
    expect(handler).not.toHaveBeenCalled();
  });

  test("and closes the request stream of a caller whose call is over", async () => {
    const closed = Promise.withResolvers<void>();
    async function* requests() {
      try {
        for (;;) yield {};
      } finally {
        closed.resolve();
      }
    }
    const client = createClient(ProbeService, localTransportOf({ collect: async () => ({ text: "enough" }) }));
    expect((await client.collect(requests())).text).toBe("enough");
    // A generator that has not begun has nothing to close.
    const reading = createClient(ProbeService, localTransportOf({ collect: readOne }));
    await reading.collect(requests());
    await closed.promise;
  });

  async function readOne(requests: AsyncIterable<Probe>) {
    await requests[Symbol.asyncIterator]().next();
    return {};
  }

  test("of a response stream that the caller closes", async () => {
    const aborted = Promise.withResolvers<void>();
    const transport = localTransportOf({
      async *listen(_, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve());
        for (;;) yield {};
      },
    });
    async function* one() {
      yield {};
    }
    const { message } = await transport.stream(listen, undefined, undefined, undefined, one());
    for await (const _ of message) break;
    await aborted.promise;
  });
});

const ask: DescMethodUnary<typeof ProbeSchema, typeof ProbeSchema> = ProbeService.method.ask;
const listen: DescMethodStreaming<typeof ProbeSchema, typeof ProbeSchema> = ProbeService.method.listen;

function localTransportOf(implementation: Partial<ServiceImpl<typeof ProbeService>>) {
  const registry = createRpcRegistry();
  registry.add(ProbeService, implementation);
  return createLocalTransport(registry);
}
