import type { DescMethodStreaming, DescMethodUnary, Message } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { RpcCall } from "./request/parse.ts";

/** The one message that a call answers with. */
export type RpcMessage = { readonly message: Message; readonly header: Headers; readonly trailer: Headers };

/** The messages that a call answers with. */
export type RpcStream = { readonly messages: AsyncIterable<Message>; readonly header: Headers };

/**
 * Makes a call that is answered with one message.
 *
 * @param controller aborted when the caller is gone; a stream of requests that fails aborts it, too
 * @throws what the transport throws, mostly a ConnectError, or what made the stream of requests fail
 */
export async function callForOne(transport: Transport, rpc: RpcCall, controller: AbortController): Promise<RpcMessage> {
  const { method, headers, timeoutMs } = rpc;
  if ("message" in rpc)
    return transport.unary(method as DescMethodUnary, controller.signal, timeoutMs, headers, rpc.message);
  const { header, messages, trailer } = await openStream(transport, rpc, controller);
  return { header, message: await readOnly(messages), trailer };
}

/** Makes a call that is answered with a stream of messages. Otherwise as `callForOne`, also while the stream is read. */
export function callForMany(transport: Transport, rpc: RpcCall, controller: AbortController): Promise<RpcStream> {
  return openStream(transport, rpc, controller);
}

async function openStream(transport: Transport, rpc: RpcCall, controller: AbortController) {
  const { headers, timeoutMs } = rpc;
  const method = rpc.method as DescMethodStreaming;
  const input = new RequestStream("messages" in rpc ? rpc.messages : [rpc.message], controller);
  try {
    const { header, message, trailer } = await transport.stream(method, controller.signal, timeoutMs, headers, input);
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

async function readOnly(messages: AsyncIterable<Message>): Promise<Message> {
  let only: Message | undefined;
  for await (const message of messages) {
    if (only !== undefined) throw new ConnectError("the call answered with more than one message", Code.Unimplemented);
    only = message;
  }
  if (only === undefined) throw new ConnectError("the call answered with no message", Code.Unimplemented);
  return only;
}
