import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { deadlineExceeded, malformedRequest } from "./call-error.ts";
import type { GrpcExchange } from "./grpc-exchange.ts";
import type { CallInit, RpcRegistry } from "./rpc-registry.ts";

/** Reads the one request of a unary call, runs it and answers. */
export class GrpcUnaryCall {
  readonly #exchange: GrpcExchange;
  readonly #call: ServerInterceptingCallInterface;
  readonly #registry: RpcRegistry;
  readonly #requestTimer: NodeJS.Timeout;
  #metadata: Metadata | undefined;
  #request: Buffer | undefined;

  /** @param requestTimeoutMs from the headers to the end of the request */
  constructor(
    exchange: GrpcExchange,
    call: ServerInterceptingCallInterface,
    registry: RpcRegistry,
    requestTimeoutMs: number,
  ) {
    this.#exchange = exchange;
    this.#call = call;
    this.#registry = registry;
    this.#requestTimer = setTimeout(() => exchange.abort(deadlineExceeded()), requestTimeoutMs).unref();
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
    clearTimeout(this.#requestTimer);
    if (this.#exchange.ended) return;
    if (this.#request) void this.#run(this.#exchange.open(this.#metadata!), this.#request);
    else this.#exchange.abort(malformedRequest("a unary call needs a request message"));
  }

  onCancel(): void {
    clearTimeout(this.#requestTimer);
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
