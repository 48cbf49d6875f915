import type { DescMethod, DescMethodStreaming, MessageShape } from "@bufbuild/protobuf";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { CallInit } from "./call-init.ts";
import type { GrpcExchange } from "./grpc-exchange.ts";
import { GrpcRequestStream } from "./grpc-request-stream.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

/** How much may wait for a caller who does not read, before the handler is made to wait. */
const HIGH_WATER_BYTES = 65_536;

/** Runs a call of the three streaming kinds; they differ in the registry alone. */
export class GrpcStreamCall {
  readonly #exchange: GrpcExchange;
  readonly #registry: RpcRegistry;
  readonly #requests: GrpcRequestStream<MessageShape<DescMethod["input"]>>;
  #unwrittenBytes = 0;
  #wake: (() => void) | undefined;

  constructor(exchange: GrpcExchange, call: ServerInterceptingCallInterface, registry: RpcRegistry) {
    this.#exchange = exchange;
    this.#registry = registry;
    this.#requests = new GrpcRequestStream(
      () => call.startRead(),
      (bytes) => exchange.parse(bytes),
    );
  }

  onReceiveMetadata(metadata: Metadata): void {
    const init = this.#exchange.open(metadata);
    if (init) void this.#run(init);
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#requests.push(bytes);
  }

  /** A cancellation shows as a half-close first; the handler must not take the cut request for a whole one. */
  onReceiveHalfClose(): void {
    setImmediate(() => this.#requests.close());
  }

  onCancel(): void {
    this.#exchange.close();
  }

  async #run(init: CallInit): Promise<void> {
    const method = this.#exchange.method as DescMethodStreaming;
    try {
      const { header, message: answers, trailer } = await this.#registry.stream(method, this.#requests, init);
      const { signal } = init.lifetime;
      signal.addEventListener("abort", () => this.#wake?.());
      for await (const message of answers) await this.#write(header, message, signal);
      this.#exchange.succeed(header, trailer);
    } catch (error) {
      this.#exchange.fail(this.#registry.toCallError(error, method, init.requestHeader));
    }
  }

  /** Resolves when the next message may be written. */
  async #write(header: Headers, message: MessageShape<DescMethod["output"]>, signal: AbortSignal): Promise<void> {
    const size = this.#exchange.send(header, message, () => {
      this.#unwrittenBytes -= size;
      if (this.#unwrittenBytes < HIGH_WATER_BYTES) this.#wake?.();
    });
    this.#unwrittenBytes += size;
    if (this.#unwrittenBytes < HIGH_WATER_BYTES || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
