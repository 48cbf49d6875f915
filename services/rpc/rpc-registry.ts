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
import { CallLifetime, type CallLifetimeOptions } from "./call-lifetime.ts";
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
  /** From `begin`, for this call alone; it is over when the call is. */
  lifetime: CallLifetime;
  contextValues?: ContextValues | undefined;
  /** Default: `http://localhost` and the method's path. */
  url?: string | undefined;
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

  function run(method: DescMethod, message: unknown, init: CallInit) {
    init.responseHeader.set(REQUEST_ID_HEADER, adoptRequestId(init.requestHeader));
    const path = methodPath(method);
    const chain = chains.get(path);
    if (!chain) throw methodNotFound(path);
    return init.lifetime.race(async () => chain(requestOf(method, message, init)));
  }

  return {
    services,
    add,
    begin: (method, timeoutMs, options) => new CallLifetime(limitTimeout(method, timeoutMs), options),
    toCallError: report,

    async unary(method, message, init) {
      try {
        // The chain of a method answers with responses of that method.
        return (await run(method, message, init)) as UnaryResponse<never, never>;
      } catch (error) {
        throw report(error, method, init.requestHeader);
      } finally {
        init.lifetime.end();
      }
    },

    async stream(method, messages, init) {
      const { signal } = init.lifetime;
      const finish = (failure?: { error: unknown }) => {
        init.lifetime.end();
        return failure && report(failure.error, method, init.requestHeader);
      };
      try {
        const response = await run(method, new MessageStream(messages, signal), init);
        const message = new MessageStream(response.message as AsyncIterable<never>, signal, finish);
        return { ...(response as StreamResponse<never, never>), message };
      } catch (error) {
        throw finish({ error });
      }
    },
  };
}

function requestOf(method: DescMethod, message: unknown, init: CallInit) {
  const { lifetime, requestHeader: header } = init;
  const url = init.url ?? `http://localhost${methodPath(method)}`;
  const contextValues = init.contextValues ?? createContextValues();
  const fields = { requestMethod: "POST", url, header, contextValues, signal: lifetime.signal };
  return createRequest(method, message, fields, init);
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
