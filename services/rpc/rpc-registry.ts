import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
  MessageShape,
} from "@bufbuild/protobuf";
import type { ConnectError, Interceptor, ServiceImpl, StreamResponse, UnaryResponse } from "@connectrpc/connect";
import type { CallInit } from "./call-init.ts";
import { CallLifetime, type CallLifetimeOptions } from "./call-lifetime.ts";
import { CallLimit } from "./call-limit.ts";
import { type CallRequest, createRequest } from "./call-request.ts";
import { createFaultReport, type FaultReport, type OnFault } from "./fault-report.ts";
import { MessageStream } from "./message-stream.ts";
import { MethodTable, type ServedMethod } from "./method-table.ts";
import { createTimeoutLimit, type TimeoutLimitOptions } from "./timeout-limit.ts";

export type RpcRegistryOptions = TimeoutLimitOptions & {
  /** Run around every handler, the first as the outermost. Default: none. */
  interceptors?: readonly Interceptor[];
  /**
   * The calls that may be in flight at a time; one more is RESOURCE_EXHAUSTED. A call whose caller gave it up counts
   * until its handler has ended. Default: 10,000.
   */
  maxCalls?: number;
  /** The methods that the limit of calls does not count. Default: none. */
  isUncounted?: (method: DescMethod) => boolean;
  /** Told, once, of every error that is the server's fault and has a cause which its caller does not learn. */
  onFault?: OnFault;
};

/** A response stream; the call is over when it is, or when `return` is called. */
export type StreamAnswer<I extends DescMessage, O extends DescMessage> = StreamResponse<I, O> & {
  readonly message: MessageStream<MessageShape<O>>;
};

export type RpcRegistry = {
  /** What was added so far. */
  readonly services: readonly DescService[];

  /** Methods that `implementation` lacks answer UNIMPLEMENTED. A service can be added once. */
  add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void;

  /** Starts the time of a call: `timeoutMs` as its caller gives it, within the limits of the registry. */
  begin(method: DescMethod, timeoutMs: number | undefined, options?: CallLifetimeOptions): CallLifetime;

  /**
   * Rejects with nothing but ConnectErrors that carry an ErrorInfo; so do the other calls. It waits for the handler, also
   * beyond the call's lifetime, which its transport ends by what `begin` was given.
   */
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    message: MessageShape<I>,
    init: CallInit,
  ): Promise<UnaryResponse<I, O>>;

  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    messages: AsyncIterable<MessageShape<I>>,
    init: CallInit,
  ): Promise<StreamAnswer<I, O>>;

  /** What the caller of a method is told of something thrown; an internal error is reported. */
  toCallError(thrown: unknown, method: DescMethod, requestHeader: Headers): ConnectError;
};

/** Collects services and calls their methods, for every transport in the same way. */
export function createRpcRegistry(options: RpcRegistryOptions = {}): RpcRegistry {
  const { interceptors = [], maxCalls = 10_000, isUncounted = () => false, onFault = () => {} } = options;
  const methods = new MethodTable(interceptors, isUncounted);
  const limit = new CallLimit(maxCalls);
  const report = createFaultReport(onFault);
  const limitTimeout = createTimeoutLimit(options);
  return {
    services: methods.services,
    add: (service, implementation) => methods.add(service, implementation),
    begin: (method, timeoutMs, lifetime) => new CallLifetime(limitTimeout(method, timeoutMs), lifetime),
    toCallError: report,
    unary: createUnary(methods, limit, report),
    stream: createStream(methods, limit, report),
  };
}

function createUnary(methods: MethodTable, limit: CallLimit, report: FaultReport): RpcRegistry["unary"] {
  return async (method, message, init) => {
    const { lifetime } = init;
    try {
      const served = methods.find(method);
      const response = await runCounted(served, limit, createRequest(served, method, message, init));
      lifetime.end();
      // The chain of a method answers with responses of that method.
      return response as UnaryResponse<never, never>;
    } catch (thrown) {
      // After that, nobody is told of what became of the handler.
      if (lifetime.failure !== undefined) throw lifetime.failure;
      lifetime.end();
      throw report(thrown, method, init.requestHeader);
    }
  };
}

async function runCounted({ chain, isCounted }: ServedMethod, limit: CallLimit, request: CallRequest) {
  if (!isCounted) return chain(request);
  limit.enter();
  try {
    return await chain(request);
  } finally {
    limit.leave();
  }
}

function createStream(methods: MethodTable, limit: CallLimit, report: FaultReport): RpcRegistry["stream"] {
  return (method, messages, init) => {
    const { lifetime, requestHeader } = init;
    const run = async () => {
      const served = methods.find(method);
      const leave = enterOnce(served, limit);
      const finish = (failure?: { error: unknown }) => {
        lifetime.end();
        leave();
        return failure && report(failure.error, method, requestHeader);
      };
      try {
        const requests = new MessageStream(messages, lifetime.signal);
        const response = (await served.chain(createRequest(served, method, requests, init))) as StreamResponse;
        const answers = new MessageStream(response.message, lifetime.signal, finish);
        return { ...response, message: answers } as StreamAnswer<never, never>;
      } catch (error) {
        leave();
        throw error;
      }
    };
    return lifetime.race(run, (thrown) => {
      lifetime.end();
      return report(thrown, method, requestHeader);
    });
  };
}

/** Lets a call in; the function returned, which may be called again, counts it out. */
function enterOnce({ isCounted }: ServedMethod, limit: CallLimit): () => void {
  if (!isCounted) return () => {};
  limit.enter();
  let isIn = true;
  return () => {
    if (isIn) limit.leave();
    isIn = false;
  };
}
