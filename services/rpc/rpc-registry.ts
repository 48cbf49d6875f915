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
import { EncodedMessages } from "./encoded-messages.ts";
import { createFaultReport, type FaultReport, type OnFault } from "./fault-report.ts";
import { createRequest, type HandlerChain } from "./handler-chain.ts";
import { MessageStream } from "./message-stream.ts";
import { MethodTable } from "./method-table.ts";
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
  /** The bytes of answers, where handlers know them. Default: of none. */
  encodedMessages?: EncodedMessages;
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

  /** Where transports find the bytes of answers. */
  readonly encodedMessages: EncodedMessages;

  /** Methods that `implementation` lacks answer UNIMPLEMENTED. A service can be added once. */
  add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void;

  /** Starts the time of a call: `timeoutMs` as its caller gives it, within the limits of the registry. */
  begin(method: DescMethod, timeoutMs: number | undefined, options?: CallLifetimeOptions): CallLifetime;

  /** Rejects with nothing but ConnectErrors that carry an ErrorInfo; so do the other calls. */
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
  const methods = new MethodTable(interceptors);
  const limit = new CallLimit(maxCalls, isUncounted);
  const report = createFaultReport(onFault);
  const limitTimeout = createTimeoutLimit(options);
  const run = createRunner(methods, limit, report);
  return {
    services: methods.services,
    encodedMessages: options.encodedMessages ?? new EncodedMessages(),
    add: (service, implementation) => methods.add(service, implementation),
    begin: (method, timeoutMs, lifetime) => new CallLifetime(limitTimeout(method, timeoutMs), lifetime),
    toCallError: report,

    async unary(method, message, init) {
      const response = await run(method, message, init, (answer, leave) => {
        leave();
        return answer;
      });
      init.lifetime.end();
      // The chain of a method answers with responses of that method.
      return response as UnaryResponse<never, never>;
    },

    stream(method, messages, init) {
      const { lifetime, requestHeader } = init;
      return run(method, new MessageStream(messages, lifetime.signal), init, (answer, leave) => {
        const finish = (failure?: { error: unknown }) => {
          lifetime.end();
          leave();
          return failure && report(failure.error, method, requestHeader);
        };
        const response = answer as StreamResponse<never, never>;
        return { ...response, message: new MessageStream(response.message, lifetime.signal, finish) };
      });
    },
  };
}

/** Runs a call until its handler has answered; what is done with the answer calls `leave` when nothing is left to do. */
function createRunner(methods: MethodTable, limit: CallLimit, report: FaultReport) {
  type Response = Awaited<ReturnType<HandlerChain>>;
  return <T>(
    method: DescMethod,
    message: unknown,
    init: CallInit,
    finish: (response: Response, leave: () => void) => T,
  ): Promise<T> => {
    const fail = (thrown: unknown) => {
      init.lifetime.end();
      return report(thrown, method, init.requestHeader);
    };
    return init.lifetime.race(async () => {
      const chain = methods.find(method);
      const leave = limit.enter(method);
      try {
        return finish(await chain(createRequest(method, message, init)), leave);
      } catch (error) {
        leave();
        throw error;
      }
    }, fail);
  };
}
