import { type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { abortedByCaller, malformedRequest } from "./call-error.ts";
import { toHeaders, toMetadata } from "./grpc-metadata.ts";
import { errorOfGrpcJs, errorStatus, type GrpcStatus } from "./grpc-status.ts";
import { REQUEST_ID_HEADER } from "./request-id.ts";
import type { CallInit } from "./rpc-registry.ts";

/** What is reported of a call when it is over. */
export type CallReport = {
  method: DescMethod;
  protocol: "grpc";
  /** A google.rpc.Code; 0 is OK. */
  code: number;
  /** From the arrival of the headers to the status. */
  durationMs: number;
  /** Empty where the call ended before it had one. */
  requestId: string;
  /** Address and port of the other end. */
  peer: string;
  /** Of all request messages together, as received. */
  requestBytes: number;
};

/** One gRPC call on the wire: messages in and out, response metadata once, and one end, which is reported. */
export class GrpcExchange {
  readonly method: DescMethod;
  readonly #call: ServerInterceptingCallInterface;
  readonly #onCall: ((report: CallReport) => void) | undefined;
  readonly #sendStatus: (status: GrpcStatus) => void;
  readonly #startedAt = performance.now();
  readonly #cancellation = new AbortController();
  readonly #responseHeader = new Headers();
  readonly #responseTrailer = new Headers();
  #requestHeader: Headers | undefined;
  #requestBytes = 0;
  #headerSent = false;
  #ended = false;

  constructor(method: DescMethod, call: ServerInterceptingCallInterface, onCall?: (report: CallReport) => void) {
    this.method = method;
    this.#call = call;
    this.#onCall = onCall;
    this.#sendStatus = call.sendStatus.bind(call);
    // The only way to see, and give an ErrorInfo to, the statuses that grpc-js makes: size limit, deadline, framing.
    call.sendStatus = (status) => (this.#ended ? this.#sendStatus(status) : this.abort(errorOfGrpcJs(status)));
  }

  get ended(): boolean {
    return this.#ended;
  }

  open(metadata: Metadata): CallInit {
    this.#requestHeader = toHeaders(metadata);
    const deadline = this.#call.getDeadline();
    return {
      requestHeader: this.#requestHeader,
      responseHeader: this.#responseHeader,
      responseTrailer: this.#responseTrailer,
      protocolName: "grpc",
      signal: this.#cancellation.signal,
      timeoutMs: deadline === Number.POSITIVE_INFINITY ? undefined : Number(deadline) - Date.now(),
      url: `http://${this.#call.getHost()}/${this.method.parent.typeName}/${this.method.name}`,
    };
  }

  parse(bytes: Buffer): MessageShape<DescMethod["input"]> {
    this.#requestBytes += bytes.length;
    try {
      return fromBinary(this.method.input, bytes);
    } catch (error) {
      throw malformedRequest(`the request is not a ${this.method.input.typeName}`, error);
    }
  }

  /** Returns its size in bytes. `written` is told when HTTP/2 has taken it, and never if the call ends before. */
  send(header: Headers, message: MessageShape<DescMethod["output"]>, written: () => void): number {
    if (this.#ended) return 0;
    const bytes = toBinary(this.method.output, message);
    this.#sendHeader(header);
    this.#call.sendMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), written);
    return bytes.length;
  }

  succeed(header: Headers, trailer: Headers): void {
    if (this.#ended) return;
    this.#sendHeader(header);
    this.#end({ code: 0, details: "OK", metadata: toMetadata(trailer) });
  }

  fail(error: ConnectError): void {
    if (this.#ended) return;
    const unsent = this.#headerSent ? [] : [this.#responseHeader];
    this.#end(errorStatus(error, ...unsent, this.#responseTrailer));
  }

  /** Fails the call and tells its handler. */
  abort(error: ConnectError): void {
    this.fail(error);
    this.#cancellation.abort(error);
  }

  /** The stream is gone: by the caller, or because the call is over. */
  close(): void {
    if (!this.#ended) this.abort(abortedByCaller(undefined));
  }

  #sendHeader(header: Headers): void {
    if (this.#headerSent) return;
    this.#headerSent = true;
    this.#call.sendMetadata(toMetadata(header));
  }

  #end(status: GrpcStatus): void {
    this.#ended = true;
    this.#sendStatus(status);
    this.#onCall?.({
      method: this.method,
      protocol: "grpc",
      code: status.code,
      durationMs: performance.now() - this.#startedAt,
      requestId: this.#requestHeader?.get(REQUEST_ID_HEADER) ?? "",
      peer: this.#call.getPeer(),
      requestBytes: this.#requestBytes,
    });
  }
}
