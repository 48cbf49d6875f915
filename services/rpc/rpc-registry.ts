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
  type ContextValues,
  createContextValues,
  createServiceImplSpec,
  type Interceptor,
  type ServiceImpl,
  type StreamResponse,
  type UnaryResponse,
} from "@connectrpc/connect";
import { methodNotFound, toCallError } from "./call-error.ts";
import { CallLifetime } from "./call-lifetime.ts";
import { createHandlerChain, createRequest, type HandlerChain } from "./handler-chain.ts";
import { MessageStream } from "./message-stream.ts";
import { adoptRequestId, REQUEST_ID_HEADER } from "./request-id.ts";

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

/** One call as its transport received it. */
export type CallInit = {
  /** Belongs to the call: gets a request id where it has none. */
  requestHeader: Headers;
  /** Filled before the answer, or its first message; the transport reads them when a call failed. */
  responseHeader: Headers;
  responseTrailer: Headers;
  protocolName: string;
  /** The caller's cancellation. A ConnectError as its reason is the answer, else it is CANCELLED. */
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  contextValues?: ContextValues | undefined;
  /** Default: `http://localhost` and the method's path. */
  url?: string | undefined;
};

/** A response stream, with the signal that aborts when its call is over in whatever way. */
export type StreamAnswer<I extends DescMessage, O extends DescMessage> = StreamResponse<I, O> & {
  readonly message: MessageStream<MessageShape<O>>;
  readonly signal: AbortSignal;
};

export type RpcRegistry = {
  /** What was added so far. */
  readonly services: readonly DescService[];

  /** Methods that `implementation` lacks answer UNIMPLEMENTED. A service can be added once. */
  add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void;

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

/** The path of a method in URLs and HTTP/2: `/parley.v1.ChatService/GetChat`. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Collects services and calls their methods, for every transport in the same way. */
export function createRpcRegistry(options: RpcRegistryOptions = {}): RpcRegistry {
  const { interceptors = [], onInternalError = () => {} } = options;
  const services: DescService[] = [];
  const chains = new Map<string, HandlerChain>();
  const limitTimeout = createTimeoutLimit(options);

  function add<S extends DescService>(service: S, implementation: Partial<ServiceImpl<S>>): void {
    if (services.some(({ typeName }) => typeName === service.typeName)) throw new Error(`${service.typeName} twice`);
    services.push(service);
    const { methods } = createServiceImplSpec(service, implementation);
    for (const spec of Object.values(methods))
      chains.set(methodPath(spec.method), createHandlerChain(spec, interceptors));
  }

  function report(thrown: unknown, method: DescMethod, requestHeader: Headers): ConnectError {
    const error = toCallError(thrown);
    if (error.cause === thrown) onInternalError(thrown, method, requestHeader.get(REQUEST_ID_HEADER) ?? "");
    return error;
  }

  function open(method: DescMethod, init: CallInit) {
    init.responseHeader.set(REQUEST_ID_HEADER, adoptRequestId(init.requestHeader));
    const path = methodPath(method);
    const chain = chains.get(path);
    if (!chain) throw methodNotFound(path);
    const lifetime = new CallLifetime(limitTimeout(method, init.timeoutMs), init.signal);
    const run = (message: unknown) => lifetime.race(async () => chain(requestOf(method, message, init, lifetime)));
    return { lifetime, run };
  }

  return {
    services,
    add,
    toCallError: report,

    async unary(method, message, init) {
      const { lifetime, run } = open(method, init);
      try {
        // The chain of a method answers with responses of that method.
        return (await run(message)) as UnaryResponse<never, never>;
      } catch (error) {
        throw report(error, method, init.requestHeader);
      } finally {
        lifetime.end();
      }
    },

    async stream(method, messages, init) {
      const { lifetime, run } = open(method, init);
      const { signal } = lifetime;
      const finish = (failure?: { error: unknown }) => {
        lifetime.end();
        return failure && report(failure.error, method, init.requestHeader);
      };
      try {
        const response = (await run(new MessageStream(messages, signal))) as StreamResponse<never, never>;
        return { ...response, signal, message: new MessageStream(response.message, signal, finish) };
      } catch (error) {
        throw finish({ error });
      }
    },
  };
}

function requestOf(method: DescMethod, message: unknown, init: CallInit, lifetime: CallLifetime) {
  const { protocolName, responseHeader, responseTrailer, requestHeader: header } = init;
  const url = init.url ?? `http://localhost${methodPath(method)}`;
  const contextValues = init.contextValues ?? createContextValues();
  const fields = { requestMethod: "POST", url, header, contextValues, signal: lifetime.signal };
  const state = { protocolName, responseHeader, responseTrailer, timeoutMs: lifetime.remainingMs };
  return createRequest(method, message, fields, state);
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
