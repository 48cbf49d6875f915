import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { malformedRequest } from "./call-error.ts";
import type { CallInit } from "./call-init.ts";
import type { GrpcExchange } from "./grpc-exchange.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

/** Reads the one request of a unary call, runs it and answers. */
export class GrpcUnaryCall {
  readonly #exchange: GrpcExchange;
  readonly #call: ServerInterceptingCallInterface;
  readonly #registry: RpcRegistry;
  #metadata: Metadata | undefined;
  #request: Buffer | undefined;

  constructor(exchange: GrpcExchange, call: ServerInterceptingCallInterface, registry: RpcRegistry) {
    this.#exchange = exchange;
    this.#call = call;
    this.#registry = registry;
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#metadata = metadata;
    this.#call.startRead();
  }

  onReceiveMessage(bytes: Buffer): void {
    if (this.#request) this.#exchange.abort(malformedRequest("a unary call has one request message"));
    this.#request = bytes;
    this.#call.startRead();
  }

  onReceiveHalfClose(): void {
    if (this.#exchange.ended) return;
    if (!this.#request) {
      this.#exchange.abort(malformedRequest("a unary call needs a request message"));
      return;
    }
    const init = this.#exchange.open(this.#metadata!);
    if (init) void this.#run(init, this.#request);
  }

  onCancel(): void {
    this.#exchange.close();
  }

  async #run(init: CallInit, bytes: Buffer): Promise<void> {
    const { method } = this.#exchange;
    try {
      const message = this.#exchange.parse(bytes);
      this.#answer(await this.#registry.unary(method as DescMethodUnary, message, init));
    } catch (error) {
      this.#exchange.fail(this.#registry.toCallError(error, method, init.requestHeader));
    }
  }

  #answer({ header, message, trailer }: UnaryResponse): void {
    this.#exchange.send(header, message, () => {});
    this.#exchange.succeed(header, trailer);
  }
}
