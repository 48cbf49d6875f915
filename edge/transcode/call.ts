import type { DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { ContextValues, Transport } from "@connectrpc/connect";
import type { RpcCall } from "./request/parse.ts";

/** The one message that a call answers with. */
export type RpcMessage = { readonly message: Message; readonly header: Headers; readonly trailer: Headers };

/** The messages that a call answers with. The trailer is complete when they have ended. */
export type RpcStream = {
  readonly messages: AsyncIterable<Message>;
  readonly header: Headers;
  readonly trailer: Headers;
};

/**
 * Makes a call that is answered with one message.
 *
 * @param controller aborted when the caller is gone; a stream of requests that fails aborts it, too
 * @throws what the transport throws, mostly a ConnectError, or what made the stream of requests fail
 */
export async function callForMessage(
  transport: Transport,
  rpc: RpcCall,
  controller: AbortController,
  values?: ContextValues,
): Promise<RpcMessage> {
  if ("message" in rpc) {
    const { headers, timeoutMs, message } = rpc;
    return transport.unary(rpc.method as DescMethodUnary, controller.signal, timeoutMs, headers, message, values);
  }
  const { header, messages, trailer } = await callForStream(transport, rpc, controller, values);
  return { header, message: await readOnly(messages), trailer };
}

/** Makes a call that is answered with a stream of messages. Otherwise as `callForMessage`, also while it is read. */
export async function callForStream(
  transport: Transport,
  rpc: RpcCall,
  controller: AbortController,
  values?: ContextValues,
): Promise<RpcStream> {
  const { headers, timeoutMs } = rpc;
  const method = rpc.method as DescMethodStreaming;
  const input = new RequestStream("messages" in rpc ? rpc.messages : [rpc.message], controller);
  try {
    const { signal } = controller;
    const answer = await transport.stream(method, signal, timeoutMs, headers, input, values);
    const { header, message, trailer } = answer;
    return { header, messages: input.guard(message as AsyncIterable<Message>), trailer };
  } catch (error) {
    throw input.failure?.error ?? error;
  }
}

/** The requests of a stream. What makes them fail is kept: a transport reports it as an error of its own, or not at all. */
class RequestStream implements AsyncIterable<Message> {
  failure: { readonly error: unknown } | undefined;
  readonly #messages: AsyncIterable<Message> | Iterable<Message>;
  readonly #controller: AbortController;

  constructor(messages: AsyncIterable<Message> | Iterable<Message>, controller: AbortController) {
    this.#messages = messages;
    this.#controller = controller;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    try {
      yield* this.#messages;
    } catch (error) {
      this.failure = { error };
      this.#controller.abort(error);
      throw error;
    }
  }

  /** Responses whose error is, where there was one, the requests'. */
  async *guard(responses: AsyncIterable<Message>): AsyncGenerator<Message> {
    try {
      yield* responses;
    } catch (error) {
      throw this.failure?.error ?? error;
    }
  }
}

/** The message of a stream that must hold one. Any other count is a fault of who answers, not of the caller. */
async function readOnly(messages: AsyncIterable<Message>): Promise<Message> {
  let only: Message | undefined;
  for await (const message of messages) {
    if (only !== undefined) throw new Error("the call was answered with more than one message");
    only = message;
  }
  if (only === undefined) throw new Error("the call was answered without a message");
  return only;
}
