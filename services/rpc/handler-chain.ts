import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  type ContextValues,
  createContextValues,
  type HandlerContext,
  type Interceptor,
  type MethodImplSpec,
  type StreamRequest,
  type StreamResponse,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import type { CallInit } from "./call-init.ts";
import { mapMessages, readSingle } from "./message-stream.ts";
import type { ServedMethod } from "./method-table.ts";

/** The interceptors of a method around its handler, composed once and used for every call. */
export type HandlerChain = ReturnType<Interceptor>;

/** An own, enumerable property, so that an interceptor's `{ ...request }` keeps it. */
const CALL = Symbol("call");
type Request = UnaryRequest | StreamRequest;
type RequestOfCall = Request & { [CALL]?: CallInit };

/** The request that enters a chain: unary or a stream, as the method is. */
export type CallRequest = Request;

export function createRequest({ path }: ServedMethod, method: DescMethod, message: unknown, init: CallInit): Request {
  return new ReceivedRequest(path, method, message, init) as unknown as Request;
}

/**
 * What Connect's interceptors get. The signal is made for who asks: most calls do without. A copy by `{ ...request }` is
 * without it; the handler has it from the call.
 */
class ReceivedRequest {
  readonly requestMethod = "POST";
  readonly stream: boolean;
  readonly service: DescMethod["parent"];
  readonly method: DescMethod;
  readonly message: unknown;
  readonly url: string;
  readonly header: Headers;
  readonly contextValues: ContextValues;
  readonly [CALL]: CallInit;

  constructor(path: string, method: DescMethod, message: unknown, init: CallInit) {
    this.stream = method.methodKind !== "unary";
    this.service = method.parent;
    this.method = method;
    this.message = message;
    this.url = init.url ?? `http://localhost${path}`;
    this.header = init.requestHeader;
    this.contextValues = init.contextValues ?? createContextValues();
    this[CALL] = init;
  }

  get signal(): AbortSignal {
    return this[CALL].lifetime.signal;
  }
}

/** The first interceptor is the outermost. */
export function createHandlerChain(spec: MethodImplSpec, interceptors: readonly Interceptor[]): HandlerChain {
  const handler: HandlerChain = (request) =>
    request.stream ? answerStream(spec, request) : answerUnary(spec, request);
  return interceptors.reduceRight((next, interceptor) => interceptor(next), handler);
}

async function answerUnary(spec: MethodImplSpec, request: UnaryRequest): Promise<UnaryResponse> {
  if (spec.kind !== "unary") throw new Error(`${spec.method.toString()} was called as unary`);
  const context = contextOf(request);
  const answered = spec.impl(request.message, context);
  const message = create(spec.method.output, answered instanceof Promise ? await answered : answered);
  const { responseHeader: header, responseTrailer: trailer } = context;
  return { stream: false, service: request.service, method: spec.method, message, header, trailer };
}

async function answerStream(spec: MethodImplSpec, request: StreamRequest): Promise<StreamResponse> {
  if (spec.kind === "unary") throw new Error(`${spec.method.toString()} was called as a stream`);
  const context = contextOf(request);
  const answer = await invokeStream(spec, request.message, context);
  const { responseHeader: header, responseTrailer: trailer } = context;
  const message = mapMessages(answer, (each) => create(spec.method.output, each));
  return { stream: true, service: request.service, method: spec.method, message, header, trailer };
}

type StreamSpec = Exclude<MethodImplSpec, { kind: "unary" }>;
type Messages = AsyncIterable<MessageShape<DescMessage>>;
type Answer = AsyncIterable<MessageInitShape<DescMessage>>;

async function invokeStream(spec: StreamSpec, requests: Messages, context: HandlerContext): Promise<Answer> {
  switch (spec.kind) {
    case "server_streaming":
      return spec.impl(await readSingle(requests), context);
    case "client_streaming":
      return only(await spec.impl(requests, context));
    case "bidi_streaming":
      return spec.impl(requests, context);
  }
}

function contextOf(request: Request): HandlerContext {
  const call = (request as RequestOfCall)[CALL];
  if (!call) throw new Error("an interceptor passed on a request that is not the one it was given, nor a copy of it");
  return new CallContext(request, call);
}

/** What a handler gets beside its message; its parts are made for who asks. */
class CallContext implements HandlerContext {
  readonly #request: Request;
  readonly #call: CallInit;

  constructor(request: Request, call: CallInit) {
    this.#request = request;
    this.#call = call;
  }

  /** A property, as handlers may take it out of its object. */
  readonly timeoutMs = (): number => this.#call.lifetime.remainingMs();

  get service() {
    return this.#request.service;
  }

  get method() {
    return this.#request.method;
  }

  get signal() {
    return this.#call.lifetime.signal;
  }

  get requestMethod() {
    return this.#request.requestMethod;
  }

  get requestHeader() {
    return this.#request.header;
  }

  get values() {
    return this.#request.contextValues;
  }

  get url() {
    return this.#request.url;
  }

  get protocolName() {
    return this.#call.protocolName;
  }

  get responseHeader() {
    return this.#call.responseHeader;
  }

  get responseTrailer() {
    return this.#call.responseTrailer;
  }
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
