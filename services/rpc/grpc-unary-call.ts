import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { malformedRequest } from "./call-error.ts";
import { decompress } from "./grpc-encoding.ts";
import { GrpcExchange } from "./grpc-exchange.ts";
import { FrameReader, wholeMessage } from "./grpc-frame.ts";

/** Reads the one request of a unary call, runs it and answers. */
export class GrpcUnaryCall extends GrpcExchange {
  #request: Buffer | undefined;
  #isCompressed = false;
  /** For what does not come whole, in one chunk. */
  #reader: FrameReader | undefined;

  protected override run(): void {
    this.stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.stream.on("end", () => this.#onEnd());
  }

  #onData(chunk: Buffer): void {
    if (this.ended) return;
    if (this.#request === undefined && this.#reader === undefined) {
      this.#request = wholeMessage(chunk, this.options.maxRequestBytes);
      if (this.#request !== undefined) return;
    }
    try {
      this.#read(chunk);
    } catch (error) {
      this.abort(error as ConnectError);
    }
  }

  #read(chunk: Buffer): void {
    this.#reader ??= new FrameReader((flags, length) => {
      this.checkHead(flags, length);
      this.#isCompressed = flags === 1;
    });
    this.#reader.read(chunk, (message) => {
      if (this.#request !== undefined) throw malformedRequest("a unary call has one request message");
      this.#request = message;
    });
  }

  #onEnd(): void {
    const request = this.#request;
    this.#request = undefined;
    if (this.ended) return;
    if (this.#reader?.isEmpty === false) this.abort(malformedRequest("the request ends within a message"));
    else if (request === undefined) this.abort(malformedRequest("a unary call needs a request message"));
    else void this.#answer(request);
  }

  async #answer(request: Buffer): Promise<void> {
    const { registry, maxRequestBytes } = this.options;
    try {
      const bytes = this.#isCompressed ? await decompress(request, this.encoding, maxRequestBytes) : request;
      if (this.ended) return;
      const { header, message, trailer } = await registry.unary(
        this.method as DescMethodUnary,
        this.parse(bytes),
        this,
      );
      this.succeed(header, message, trailer);
    } catch (error) {
      this.fail(registry.toCallError(error, this.method, this.requestHeader));
    }
  }
}
