import type { ServerHttp2Stream } from "node:http2";
import type { DescMethod, MessageShape } from "@bufbuild/protobuf";
import type { Code, ConnectError } from "@connectrpc/connect";
import { deadlineExceeded, malformedRequest, metadataTooLarge } from "./call-error.ts";
import type { CallLifetime } from "./call-lifetime.ts";
import { bytesOf } from "./encoded-messages.ts";
import { requestTooLarge } from "./errors.ts";
import { GrpcAnswer } from "./grpc-answer.ts";
import { sizeOfMetadata } from "./grpc-metadata.ts";
import type { GrpcSession } from "./grpc-session.ts";
import { parseTimeout } from "./grpc-timeout.ts";
import type { GrpcWire } from "./grpc-wire.ts";
import { methodPath } from "./method-path.ts";
import { ReceivedCall } from "./received-call.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

export type GrpcExchangeOptions = {
  readonly registry: RpcRegistry;
  /** Of one message. */
  readonly maxRequestBytes: number;
  readonly maxMetadataBytes: number;
  /** Told once, when the status is sent. */
  readonly onEnd: (exchange: GrpcExchange, code: number) => void;
};

const ignore = (): void => {};

/** A call on a stream of HTTP/2: messages in and out, response metadata once, and one end, which is reported. */
export abstract class GrpcExchange extends ReceivedCall {
  override readonly lifetime: CallLifetime;
  protected readonly stream: ServerHttp2Stream;
  protected readonly options: GrpcExchangeOptions;
  readonly #wire: GrpcWire;
  readonly #answer: GrpcAnswer;
  #ended = false;
  #unreadBytes = 0;

  constructor(method: DescMethod, wire: GrpcWire, options: GrpcExchangeOptions) {
    super(method, wire.headers, wire.connection.peer);
    this.stream = wire.stream;
    this.options = options;
    this.#wire = wire;
    this.#answer = new GrpcAnswer(wire.stream, this.requestId);
    this.lifetime = options.registry.begin(method, this.#timeoutMs() || undefined, this);
    // What it is an error of shows in the code with which the stream closes.
    this.stream.on("error", ignore);
    this.stream.on("close", () => this.#close());
  }

  /** Reads the request and answers it; a call that its headers condemn ends at once. */
  begin(): void {
    const refusal = this.#findRefusal();
    if (refusal === undefined) this.run();
    else {
      this.abort(refusal);
      this.stream.resume();
    }
  }

  protected abstract run(): void;

  get connection(): GrpcSession {
    return this.#wire.connection;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get url(): string {
    return `http://${this.#wire.headers[":authority"]}${methodPath(this.method)}`;
  }

  /** By which compressed messages of the request are. */
  protected get encoding(): string {
    return String(this.#wire.headers["grpc-encoding"] ?? "identity");
  }

  /** @throws ConnectError where a message of the request is larger than the limit, or has a flag that gRPC does not know */
  protected checkHead(flags: number, length: number): void {
    if (length > this.options.maxRequestBytes) throw requestTooLarge(this.options.maxRequestBytes);
    if (flags > 1) throw malformedRequest(`a message of gRPC begins with 0 or 1, not ${flags}`);
  }

  /** Sends a message of several. Returns whether HTTP/2 takes more at once; else there is a "drain" or "close". */
  protected send(header: Headers, message: MessageShape<DescMethod["output"]>): boolean {
    return this.#isOver() || this.#answer.write(header, this.#encode(message));
  }

  /** @param message of a call that is answered with one; else those before have been sent */
  protected succeed(header: Headers, message: MessageShape<DescMethod["output"]> | undefined, trailer: Headers): void {
    if (this.#isOver()) return;
    const bytes = message && this.#encode(message);
    this.#answer.end(header, bytes, trailer);
    if (bytes !== undefined) this.#addUnread(bytes.length);
    this.#over(0);
  }

  protected override fail(error: ConnectError): void {
    if (this.#ended) return;
    this.failure = error;
    this.#over(error.code);
    if (!this.#answer.isGone) this.#answer.fail(error, this.responseHeader, this.responseTrailer);
  }

  /** NaN where the header says none that gRPC knows. */
  #timeoutMs(): number | undefined {
    const value = this.#wire.headers["grpc-timeout"];
    return value === undefined ? undefined : (parseTimeout(String(value)) ?? Number.NaN);
  }

  #findRefusal(): ConnectError | undefined {
    const timeoutMs = this.#timeoutMs();
    if (Number.isNaN(timeoutMs)) return malformedRequest("grpc-timeout is not a number of up to 8 digits and a unit");
    if (timeoutMs === 0) return deadlineExceeded();
    const { maxMetadataBytes } = this.options;
    return sizeOfMetadata(this.#wire.rawHeaders) > maxMetadataBytes ? metadataTooLarge(maxMetadataBytes) : undefined;
  }

  #encode(message: MessageShape<DescMethod["output"]>): Uint8Array {
    return bytesOf(this.method.output, message);
  }

  #addUnread(bytes: number): void {
    this.#unreadBytes += bytes;
    this.connection.addUnread(bytes);
  }

  /** Also where the stream is gone, of which the call has not been told yet. */
  #isOver(): boolean {
    if (!this.#ended && this.#answer.isGone) this.#close();
    return this.#ended;
  }

  #over(code: Code | 0): void {
    this.#ended = true;
    this.lifetime.end();
    this.options.onEnd(this, code);
  }

  /** The HTTP/2 stream is gone: by the caller, or because the call is over. */
  #close(): void {
    this.#addUnread(-this.#unreadBytes);
    if (!this.#ended) this.abandon();
  }
}
