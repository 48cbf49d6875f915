import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type {
  HandlerContext,
  Interceptor,
  MethodImplSpec,
  StreamRequest,
  StreamResponse,
  UnaryRequest,
  UnaryResponse,
} from "@connectrpc/connect";
import { CallContext } from "./call-context.ts";
import { mapMessages, readSingle } from "./message-stream.ts";

/** The interceptors of a method around its handler, composed once and used for every call. */
export type HandlerChain = ReturnType<Interceptor>;

/** The first interceptor is the outermost. */
export function createHandlerChain(spec: MethodImplSpec, interceptors: readonly Interceptor[]): HandlerChain {
  const handler: HandlerChain = (request) =>
    request.stream ? answerStream(spec, request) : answerUnary(spec, request);
  return interceptors.reduceRight((next, interceptor) => interceptor(next), handler);
}

async function answerUnary(spec: MethodImplSpec, request: UnaryRequest): Promise<UnaryResponse> {
  if (spec.kind !== "unary") throw new Error(`${spec.method.toString()} was called as unary`);
  const context = new CallContext(request);
  const answered = spec.impl(request.message, context);
  const message = create(spec.method.output, answered instanceof Promise ? await answered : answered);
  const { responseHeader: header, responseTrailer: trailer } = context;
  return { stream: false, service: request.service, method: spec.method, message, header, trailer };
}

async function answerStream(spec: MethodImplSpec, request: StreamRequest): Promise<StreamResponse> {
  if (spec.kind === "unary") throw new Error(`${spec.method.toString()} was called as a stream`);
  const context = new CallContext(request);
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

async function* only<T>(value: T): AsyncGenerator<T> {
  yield value;
}
