import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  DescService,
  MessageShape,
} from "@bufbuild/protobuf";
import {
  type ConnectError,
  createServiceImplSpec,
  type Interceptor,
  type ServiceImpl,
  type StreamResponse,
  type UnaryResponse,
} from "@connectrpc/connect";
import { methodNotFound, toCallError } from "./call-error.ts";
import { type CallInit, methodPath } from "./call-init.ts";
import { CallLifetime, type CallLifetimeOptions } from "./call-lifetime.ts";
import { createHandlerChain, createRequest, type HandlerChain } from "./handler-chain.ts";
import { MessageStream } from "./message-stream.ts";
import { REQUEST_ID_HEADER } from "./request-id.ts";

export { methodPath };

export type RpcRegistryOptions = {
  /** Run around every handler, the first as the outermost. Default: none. */
  interceptors?: readonly Interceptor[];
  /** For a call without a deadline that is answered with one message. Default: 30,000. */
  defaultTimeoutMs?: number;
  /** The longest that a call answered with one message may take, whatever its caller says. Default: 300,000. */
  maxTimeoutMs?: number;
  /** The longest life of a call answered with a stream, and its default. Default: 3,600,000. */
  streamTimeoutMs?: number;
  /** Told of everything thrown that is not a ConnectError; the caller learns "internal error" alone. */
  onInternalError?: (error: unknown, method: DescMethod, requestId: string) => void;
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
  const { interceptors = [], onInternalError = () => {} } = options;
  const services: DescService[] = [];
  // By descriptor, and by path for callers with another copy of the descriptor.
  const chains = new Map<DescMethod | string, HandlerChain>();
  const limitTimeout = createTimeoutLimit(options);

  function add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void {
    if (services.some(({ typeName }) => typeName === service.typeName)) throw new Error(`${service.typeName} twice`);
    services.push(service);
    const { methods } = createServiceImplSpec(service, implementation);
    for (const spec of Object.values(methods)) {
      const chain = createHandlerChain(spec, interceptors);
      chains.set(spec.method, chain).set(methodPath(spec.method), chain);
    }
  }

  function report(thrown: unknown, method: DescMethod, requestHeader: Headers): ConnectError {
    const error = toCallError(thrown);
    if (error.cause === thrown) onInternalError(thrown, method, requestHeader.get(REQUEST_ID_HEADER) ?? "");
    return error;
  }

  function run(method: DescMethod, message: unknown, init: CallInit) {
    const fail = (thrown: unknown) => {
      init.lifetime.end();
      return report(thrown, method, init.requestHeader);
    };
    return init.lifetime.race(() => {
      const chain = chains.get(method) ?? chains.get(methodPath(method));
      if (!chain) throw methodNotFound(methodPath(method));
      return chain(createRequest(method, message, init));
    }, fail);
  }

  return {
    services,
    add,
    begin: (method, timeoutMs, options) => new CallLifetime(limitTimeout(method, timeoutMs), options),
    toCallError: report,

    async unary(method, message, init) {
      const response = await run(method, message, init);
      init.lifetime.end();
      // The chain of a method answers with responses of that method.
      return response as UnaryResponse<never, never>;
    },

    async stream(method, messages, init) {
      const { signal } = init.lifetime;
      const response = (await run(method, new MessageStream(messages, signal), init)) as StreamResponse<never, never>;
      const finish = (failure?: { error: unknown }) => {
        init.lifetime.end();
        return failure && report(failure.error, method, init.requestHeader);
      };
      return { ...response, message: new MessageStream(response.message, signal, finish) };
    },
  };
}

function createTimeoutLimit({
  defaultTimeoutMs = 30_000,
  maxTimeoutMs = 300_000,
  streamTimeoutMs = 3_600_000,
}: RpcRegistryOptions) {
  return ({ methodKind }: DescMethod, timeoutMs: number | undefined): number =>
    methodKind === "unary" || methodKind === "client_streaming"
      ? Math.min(timeoutMs ?? defaultTimeoutMs, maxTimeoutMs)
      : Math.min(timeoutMs ?? streamTimeoutMs, streamTimeoutMs);
}
