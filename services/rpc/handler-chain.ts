import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
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
import { methodPath } from "./method-path.ts";

/** The interceptors of a method around its handler, composed once and used for every call. */
export type HandlerChain = ReturnType<Interceptor>;

/** An own, enumerable property, so that an interceptor's `{ ...request }` keeps it. */
const CALL = Symbol("call");
type Request = UnaryRequest | StreamRequest;
type RequestOfCall = Request & { [CALL]?: CallInit };

/** The request that enters a chain: unary or a stream, as the method is. */
export function createRequest(method: DescMethod, message: unknown, init: CallInit): Request {
  return {
    stream: method.methodKind !== "unary",
    service: method.parent,
    method,
    message,
    requestMethod: "POST",
    url: init.url ?? `http://localhost${methodPath(method)}`,
    header: init.requestHeader,
    contextValues: init.contextValues ?? createContextValues(),
    signal: init.lifetime.signal,
    [CALL]: init,
  } as Request;
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
  const call = (request as RequestOfCall)[CALL];
  if (!call) throw new Error("an interceptor passed on a request that is not the one it was given, nor a copy of it");
  return {
    service: request.service,
    method: request.method,
    signal: request.signal,
    requestMethod: request.requestMethod,
    requestHeader: request.header,
    values: request.contextValues,
    url: request.url,
    timeoutMs: () => call.lifetime.remainingMs(),
    protocolName: call.protocolName,
    responseHeader: call.responseHeader,
    responseTrailer: call.responseTrailer,
  };
}

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
