import type { DescMethodStreaming } from "@bufbuild/protobuf";
import { decompress } from "./grpc-encoding.ts";
import { GrpcExchange } from "./grpc-exchange.ts";
import { GrpcRequestStream } from "./grpc-request-stream.ts";
import { untilDrained } from "./until-drained.ts";

/** Runs a call of the three streaming kinds; they differ in the registry alone. */
export class GrpcStreamCall extends GrpcExchange {
  protected override run(): void {
    const requests = new GrpcRequestStream(this.stream, {
      checkHead: (flags, length) => this.checkHead(flags, length),
      parse: (bytes, isCompressed) => (isCompressed ? this.#decompress(bytes) : this.parse(bytes)),
      onError: (error) => this.abort(error),
    });
    void this.#answer(requests).finally(() => requests.close());
  }

  async #answer(requests: GrpcRequestStream<ReturnType<GrpcStreamCall["parse"]>>): Promise<void> {
    const { registry } = this.options;
    const method = this.method as DescMethodStreaming;
    try {
      const { header, message: answers, trailer } = await registry.stream(method, requests, this);
      // A caller who does not read makes the handler wait.
      for await (const message of answers) {
        if (!this.send(header, message) && !this.ended) await untilDrained(this.stream);
      }
      this.succeed(header, undefined, trailer);
    } catch (error) {
      this.fail(registry.toCallError(error, method, this.requestHeader));
    }
  }

  async #decompress(bytes: Buffer) {
    return this.parse(await decompress(bytes, this.encoding, this.options.maxRequestBytes));
  }
}
