import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type {
  HandlerContext,
  Interceptor,
  MethodImplSpec,
  StreamRequest,
  StreamResponse,
  UnaryRequest,
  UnaryResponse,
} from "@connectrpc/connect";
import { mapMessages, readSingle } from "./message-stream.ts";

/** What a handler is told of its call beside what interceptors may change in the request. */
export type CallState = Pick<HandlerContext, "protocolName" | "responseHeader" | "responseTrailer"> & {
  readonly lifetime: { remainingMs(): number };
};

/** The interceptors of a method around its handler, composed once and used for every call. */
export type HandlerChain = ReturnType<Interceptor>;

/** An own, enumerable property, so that an interceptor's `{ ...request }` keeps it. */
const CALL_STATE = Symbol("call state");
type Request = UnaryRequest | StreamRequest;
type RequestWithState = Request & { [CALL_STATE]?: CallState };

type RequestFields = Omit<UnaryRequest, "stream" | "service" | "method" | "message">;

/** The request that enters a chain: unary or a stream, as the method is. */
export function createRequest(
  method: DescMethod,
  message: unknown,
  { requestMethod, url, header, contextValues, signal }: RequestFields,
  state: CallState,
): Request {
  const stream = method.methodKind !== "unary";
  const service = method.parent;
  const fields = { requestMethod, url, header, contextValues, signal, [CALL_STATE]: state };
  return { stream, service, method, message, ...fields } as Request;
}

/** The first interceptor is the outermost. */
export function createHandlerChain(spec: MethodImplSpec, interceptors: readonly Interceptor[]): HandlerChain {
  const handler: HandlerChain = async (request) =>
    request.stream ? answerStream(spec, request) : answerUnary(spec, request);
  return interceptors.reduceRight((next, interceptor) => interceptor(next), handler);
}

async function answerUnary(spec: MethodImplSpec, request: UnaryRequest): Promise<UnaryResponse> {
  if (spec.kind !== "unary") throw new Error(`${spec.method.toString()} was called as unary`);
  const context = contextOf(request);
  const message = create(spec.method.output, await spec.impl(request.message, context));
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
  const state = (request as RequestWithState)[CALL_STATE];
  if (!state) throw new Error("an interceptor passed on a request that is not the one it was given, nor a copy of it");
  return {
    service: request.service,
    method: request.method,
    signal: request.signal,
    requestMethod: request.requestMethod,
    requestHeader: request.header,
    values: request.contextValues,
    url: request.url,
    timeoutMs: () => state.lifetime.remainingMs(),
    protocolName: state.protocolName,
    responseHeader: state.responseHeader,
    responseTrailer: state.responseTrailer,
  };
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
