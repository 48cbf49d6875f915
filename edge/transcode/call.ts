import type { Message } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { RpcCall } from "./request/parse.ts";

/** What the transport has answered. */
export type RpcAnswer = { readonly message: Message; readonly header: Headers; readonly trailer: Headers };

/**
 * Makes the call.
 *
 * @param signal aborted when the caller is gone
 * @throws what the transport throws, mostly a ConnectError
 */
export function call(transport: Transport, rpc: RpcCall, signal: AbortSignal): Promise<RpcAnswer> {
  return transport.unary(rpc.method, signal, rpc.timeoutMs, rpc.headers, rpc.message);
}
