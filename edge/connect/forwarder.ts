import type { DescMethod, DescMethodStreaming, DescMethodUnary, DescService, Message } from "@bufbuild/protobuf";
import { ConnectError, type ConnectRouter, type HandlerContext, type Transport } from "@connectrpc/connect";
import { createAsyncIterable, type UniversalHandler } from "@connectrpc/connect/protocol";
import { isUnary } from "../transcode/index.ts";
import { internalError } from "./edge-error.ts";
import { type Exchange, exchangeKey } from "./exchange.ts";
import { observeHandler } from "./observed-handler.ts";
import { appendMetadata, passedMetadata } from "./passed-metadata.ts";
import type { RequestErrorOptions } from "./request-error.ts";
import { readRequests } from "./request-stream.ts";
import { outcomeKey } from "./short-call.ts";

export type ForwardOptions = RequestErrorOptions & {
  readonly services: readonly DescService[];
  readonly transport: Transport;
};

/**
 * Adds the services to a router, and returns handlers that hand every call on: headers and trailers both ways, deadline,
 * cancellation, and messages one at a time, as the slower side takes them. They decide nothing: who may call, and with
 * what, is for the other side of the transport.
 */
export function forwardServices(router: ConnectRouter, options: ForwardOptions): UniversalHandler[] {
  for (const service of options.services) {
    const methods = service.methods.map((method) => [method.localName, createForwarder(method, options)]);
    router.service(service, Object.fromEntries(methods));
  }
  return router.handlers.map((handler) => observeHandler(handler, options));
}

/** An implementation of a method that hands the call on. */
function createForwarder(method: DescMethod, options: ForwardOptions) {
  if (isUnary(method)) return forwardUnary(method, options);
  const forward = forwardStream(method as DescMethodStreaming, options);
  switch (method.methodKind) {
    case "server_streaming":
      return (request: Message, context: HandlerContext) => forward(createAsyncIterable([request]), context);
    case "client_streaming":
      return (requests: Messages, context: HandlerContext) => readOnly(forward(requests, context), options);
    case "bidi_streaming":
      return forward;
  }
}

type Messages = AsyncIterable<Message>;

function forwardUnary(method: DescMethodUnary, options: ForwardOptions) {
  return async (request: Message, context: HandlerContext): Promise<Message> => {
    const exchange = begin(context);
    const header = passedMetadata(context.requestHeader);
    try {
      const answer = await (context.values.get(outcomeKey) ??
        options.transport.unary(method, exchange.signal, context.timeoutMs(), header, request, context.values));
      appendMetadata(answer.header, context.responseHeader);
      appendMetadata(answer.trailer, context.responseTrailer);
      return answer.message;
    } catch (error) {
      throw toAnswerError(error, exchange, options);
    } finally {
      exchange.end();
    }
  };
}

/** A stream that is not read to its end stays open for the exchange, whose signal then ends it. */
function forwardStream(method: DescMethodStreaming, options: ForwardOptions) {
  return async function* (requests: Messages, context: HandlerContext): Messages {
    const exchange = begin(context);
    const header = passedMetadata(context.requestHeader);
    const readable = readRequests(requests, exchange);
    try {
      const { signal } = exchange;
      const { values } = context;
      const answer = await options.transport.stream(method, signal, context.timeoutMs(), header, readable, values);
      appendMetadata(answer.header, context.responseHeader);
      yield* answer.message;
      appendMetadata(answer.trailer, context.responseTrailer);
      exchange.end();
    } catch (error) {
      exchange.end();
      throw toAnswerError(error, exchange, options);
    }
  };
}

function begin(context: HandlerContext): Exchange {
  const exchange = context.values.get(exchangeKey);
  if (exchange === undefined) throw new Error(`${context.method}: called without an exchange`);
  exchange.isForwarded = true;
  return exchange;
}

/** The one message that a client stream is answered with. */
async function readOnly(messages: Messages, { errorInfo, onError }: ForwardOptions): Promise<Message> {
  let count = 0;
  let only: Message | undefined;
  for await (const message of messages) {
    only = message;
    if (++count > 1) break;
  }
  if (only !== undefined && count === 1) return only;
  onError(new Error(`a stream of requests was answered with ${count === 0 ? "no message" : "several messages"}`));
  throw internalError(errorInfo);
}

/** The transport's error whole, but for headers of its protocol, which would replace those of the answer. */
function toAnswerError(
  thrown: unknown,
  { requestError }: Exchange,
  { errorInfo, onError }: ForwardOptions,
): ConnectError {
  if (requestError !== undefined) return requestError;
  if (!(thrown instanceof ConnectError)) {
    onError(thrown);
    return internalError(errorInfo);
  }
  const { rawMessage, code, metadata, details, cause } = thrown;
  const error = new ConnectError(rawMessage, code, passedMetadata(metadata), undefined, cause);
  error.details = details;
  return error;
}
