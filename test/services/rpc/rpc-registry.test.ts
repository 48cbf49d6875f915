import { create, isMessage } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  createContextKey,
  createContextValues,
  type Interceptor,
  type ServiceImpl,
} from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { storeUnavailable } from "../../../services/rpc/errors.ts";
import { createLocalTransport } from "../../../services/rpc/local-transport.ts";
import { createRpcRegistry, type RpcRegistryOptions } from "../../../services/rpc/rpc-registry.ts";
import { ProbeSchema, ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { readAll } from "./read-all.ts";

type Implementation = Partial<ServiceImpl<typeof ProbeService>>;

function clientOf(implementation: Implementation, options?: RpcRegistryOptions) {
  const registry = createRpcRegistry(options);
  registry.add(ProbeService, implementation);
  return createClient(ProbeService, createLocalTransport(registry));
}

async function* each<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

describe("interceptors", () => {
  const echo: Implementation = {
    ask: (request) => ({ text: `${request.text}!` }),
    listen: (request) => each({ text: `${request.text}!` }),
    async collect(requests) {
      return { text: `${(await readAll(requests)).map(({ text }) => text).join()}!` };
    },
    async *talk(requests) {
      for await (const { text } of requests) yield { text: `${text}!` };
    },
  };

  test("run for every kind, the first outermost, composed once a method", async () => {
    const log: string[] = [];
    const composed = vi.fn();
    const named =
      (name: string): Interceptor =>
      (next) => {
        composed();
        return async (request) => {
          log.push(`${name} ${request.method.name}`);
          const response = await next(request);
          log.push(`${name} end`);
          return response;
        };
      };
    const client = clientOf(echo, { interceptors: [named("a"), named("b")] });
    expect(composed).toHaveBeenCalledTimes(2 * ProbeService.methods.length);
    expect((await client.ask({ text: "1" })).text).toBe("1!");
    expect((await readAll(client.listen({ text: "2" }))).map(({ text }) => text)).toEqual(["2!"]);
    expect((await client.collect(each({ text: "3" }, { text: "4" }))).text).toBe("3,4!");
    expect((await readAll(client.talk(each({ text: "5" })))).map(({ text }) => text)).toEqual(["5!"]);
    const of = (method: string) => [`a ${method}`, `b ${method}`, "b end", "a end"];
    expect(log).toEqual(["Ask", "Listen", "Collect", "Talk"].flatMap(of));
    expect(composed).toHaveBeenCalledTimes(2 * ProbeService.methods.length);
  });

  test("may copy the request and change what is in it, and the response", async () => {
    const key = createContextKey("");
    const change: Interceptor = (next) => async (request) => {
      if (request.stream) return next(request);
      const header = new Headers({ "x-changed": "yes" });
      const contextValues = createContextValues().set(key, "value");
      const response = await next({
        ...request,
        header,
        contextValues,
        message: create(ProbeSchema, { text: "changed" }),
      });
      if (response.stream) return response;
      return { ...response, message: create(ProbeSchema, { number: 9 }), header: new Headers({ "x-answer": "yes" }) };
    };
    const handler = vi.fn();
    const client = clientOf(
      {
        ask: (request, context) => {
          handler(request.text, context.requestHeader.get("x-changed"), context.values.get(key));
          return {};
        },
      },
      { interceptors: [change] },
    );
    let answered: string | null = null;
    const answer = await client.ask({}, { onHeader: (header) => (answered = header.get("x-answer")) });
    expect(handler).toHaveBeenCalledWith("changed", "yes", "value");
    expect([answer.number, answered]).toEqual([9, "yes"]);
  });

  test("see the handler's own error and may answer another", async () => {
    const thrown = new Error("boom");
    const seen = vi.fn();
    const replace: Interceptor = (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        seen(error);
        throw new ConnectError("replaced", Code.Aborted);
      }
    };
    const fail = () => {
      throw thrown;
    };
    const client = clientOf({ ask: fail }, { interceptors: [replace] });
    await expect(client.ask({})).rejects.toMatchObject({ code: Code.Aborted, rawMessage: "replaced" });
    expect(seen).toHaveBeenCalledWith(thrown);
  });

  test("that make a request out of nothing are an internal error", async () => {
    const onFault = vi.fn();
    const forget: Interceptor = (next) => (request) => next({ ...request, stream: false } as never);
    const keep = clientOf(echo, { interceptors: [forget] });
    expect((await keep.ask({ text: "copy" })).text).toBe("copy!");
    const make: Interceptor = (next) => (request) =>
      next({ message: request.message, method: request.method, stream: false } as never);
    const client = clientOf(echo, { interceptors: [make], onFault });
    await expect(client.ask({})).rejects.toMatchObject({ code: Code.Internal });
    expect(onFault.mock.calls[0]?.[0].message).toMatch(/interceptor/);
  });

  test("that hang are cut off by the deadline", async () => {
    const hang: Interceptor = () => () => new Promise<never>(() => {});
    const client = clientOf(echo, { interceptors: [hang], defaultTimeoutMs: 20, streamTimeoutMs: 20 });
    await expect(client.ask({})).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    await expect(readAll(client.talk(each({})))).rejects.toMatchObject({ code: Code.DeadlineExceeded });
  });
});

describe("errors", () => {
  const codes = Object.values(Code).filter((code) => typeof code === "number");

  test.each(codes)("of code %s without an ErrorInfo get exactly one", async (code) => {
    const client = clientOf({
      ask() {
        throw new ConnectError("no", code);
      },
    });
    const error = await client.ask({}).catch((error) => error);
    expect(error).toMatchObject({ code, rawMessage: "no" });
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ domain: "parley" }]);
  });

  test.each([new TypeError("secret"), "secret", undefined, { code: 5 }])("%s is internal", async (thrown) => {
    const onFault = vi.fn();
    const implementation = {
      ask() {
        throw thrown;
      },
      async *listen() {
        yield {};
        throw thrown;
      },
    };
    const client = clientOf(implementation, { onFault });
    const headers = { "x-request-id": "r" };
    for (const call of [() => client.ask({}, { headers }), () => readAll(client.listen({}, { headers }))]) {
      await expect(call()).rejects.toMatchObject({ code: Code.Internal, rawMessage: "internal error", cause: thrown });
    }
    const { ask, listen } = ProbeService.method;
    expect(onFault.mock.calls).toEqual([ask, listen].map((method) => [thrown, method, "r"]));
  });

  test("that a handler throws twice are not changed between", async () => {
    const shared = new ConnectError("no", Code.NotFound);
    const client = clientOf({
      ask(_, { responseTrailer }) {
        responseTrailer.set("x-trailer", "t");
        throw shared;
      },
    });
    for (let i = 0; i < 2; i++) {
      const error = await client.ask({}).catch((error) => error);
      expect([error.metadata.get("x-trailer"), error.details.length]).toEqual(["t", 1]);
    }
    expect([[...shared.metadata], shared.details]).toEqual([[], []]);
  });
});

describe("faults of the server", () => {
  const headers = { "x-request-id": "r" };
  const cause = new Error("disk full");

  async function faultsOf(thrown: unknown) {
    const onFault = vi.fn();
    const client = clientOf(
      {
        ask() {
          throw thrown;
        },
        async *listen() {
          yield {};
          throw thrown;
        },
      },
      { onFault },
    );
    await client.ask({}, { headers }).catch(() => {});
    const unary = onFault.mock.calls.splice(0);
    await readAll(client.listen({}, { headers })).catch(() => {});
    return [unary, onFault.mock.calls];
  }

  test.each([Code.Unknown, Code.Internal, Code.DataLoss, Code.Unavailable])(
    "of code %s are told with what caused them",
    async (code) => {
      const { ask, listen } = ProbeService.method;
      const error = new ConnectError("away", code, undefined, undefined, cause);
      expect(await faultsOf(error)).toEqual([ask, listen].map((method) => [[error, method, "r"]]));
    },
  );

  test("are told once where many calls fail with the same error", async () => {
    const [unary, streamed] = await faultsOf(storeUnavailable("the database", cause));
    expect([unary!.length, streamed!.length]).toEqual([1, 0]);
  });

  test.each([
    ["no cause", new ConnectError("away", Code.Unavailable)],
    ["the caller's fault", new ConnectError("bad", Code.InvalidArgument, undefined, undefined, cause)],
    ["a limit", new ConnectError("full", Code.ResourceExhausted, undefined, undefined, cause)],
  ])("are not told where there is %s", async (_title, error) => {
    expect(await faultsOf(error)).toEqual([[], []]);
  });
});

describe("the limit of calls in flight", () => {
  /** A service whose calls stay until they are let go, whatever their callers do. */
  function openSlow(options?: RpcRegistryOptions) {
    const held: (() => void)[] = [];
    const hold = () => new Promise<void>((resolve) => held.push(resolve));
    const client = clientOf(
      {
        async ask() {
          await hold();
          return {};
        },
        async *listen() {
          yield {};
          await hold();
        },
      },
      { maxCalls: 2, ...options },
    );
    return { client, held };
  }
  const refusal = { code: Code.ResourceExhausted };

  test("refuses one more, and lets calls in again when others are over", async () => {
    const { client, held } = openSlow();
    const calls = [client.ask({}), client.ask({})];
    await expect.poll(() => held.length).toBe(2);
    const error = await client.ask({}).catch((error) => error);
    expect(error).toMatchObject(refusal);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "TOO_MANY_PENDING" }]);
    held.shift()!();
    await calls.shift();
    calls.push(client.ask({}));
    await expect.poll(() => held.length).toBe(2);
    await expect(client.ask({})).rejects.toMatchObject(refusal);
    for (const release of held) release();
    await Promise.all(calls);
  });

  test("counts a call that was given up until its handler has ended", async () => {
    const { client, held } = openSlow({ maxCalls: 1 });
    await expect(client.ask({}, { timeoutMs: 10 })).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    await expect(client.ask({})).rejects.toMatchObject(refusal);
    held.pop()!();
    const next = expect.poll(async () => {
      const call = client.ask({});
      const refused = await Promise.race([call.catch(() => true), new Promise((resolve) => setTimeout(resolve, 5))]);
      return refused;
    });
    await next.toBeUndefined();
    held.pop()!();
  });

  test("counts a stream until its end, failure or cancellation", async () => {
    const { client, held } = openSlow({ maxCalls: 1 });
    const read = readAll(client.listen({}));
    await expect.poll(() => held.length).toBe(1);
    await expect(readAll(client.listen({}))).rejects.toMatchObject(refusal);
    held.pop()!();
    expect(await read).toHaveLength(1);
    const caller = new AbortController();
    const cancelled = readAll(client.listen({}, { signal: caller.signal }));
    await expect.poll(() => held.length).toBe(1);
    caller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: Code.Canceled });
    held.pop()!();
    await expect(readAll(client.listen({}, { timeoutMs: 20 }))).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    expect(held).toHaveLength(1);
    held.pop()!();
    const last = client.ask({});
    await expect.poll(() => held.length).toBe(1);
    held.pop()!();
    await last;
  });

  test("does not hold for methods that are not counted", async () => {
    const { client, held } = openSlow({ maxCalls: 1, isUncounted: ({ name }) => name === "Ask" });
    const calls = [1, 2, 3].map(() => client.ask({}));
    await expect.poll(() => held.length).toBe(3);
    for (const release of held.splice(0)) release();
    await Promise.all(calls);
  });
});

test("a service can be added once", () => {
  const registry = createRpcRegistry();
  registry.add(ProbeService, {});
  expect(registry.services).toEqual([ProbeService]);
  expect(() => registry.add(ProbeService, {})).toThrow("parley.test.v1.ProbeService");
});

test("responses are messages though handlers return init shapes", async () => {
  const client = clientOf({ ask: () => ({ text: "a" }), listen: () => each({ text: "b" }) });
  expect(isMessage(await client.ask({}), ProbeSchema)).toBe(true);
  expect(isMessage((await readAll(client.listen({})))[0], ProbeSchema)).toBe(true);
});

test("a timer of a call does not keep the process alive", async () => {
  const client = clientOf({ ask: () => new Promise<never>(() => {}) });
  const before = process.getActiveResourcesInfo().filter((type) => type === "Timeout").length;
  client.ask({}).catch(() => {});
  expect(process.getActiveResourcesInfo().filter((type) => type === "Timeout").length).toBe(before);
});
