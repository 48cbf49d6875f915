import { type DescMethod, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { Metadata, type ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { abortedByCaller, deadlineExceeded, malformedRequest, metadataTooLarge } from "./call-error.ts";
import type { CallInit } from "./call-init.ts";
import type { CallLifetime } from "./call-lifetime.ts";
import { readMetadata, toMetadata } from "./grpc-metadata.ts";
import { errorOfGrpcJs, errorStatus, type GrpcStatus } from "./grpc-status.ts";
import { methodPath } from "./method-path.ts";
import { adoptRequestId, REQUEST_ID_HEADER } from "./request-id-header.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

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
  /** The W3C trace context that came with the call; null where none did. */
  traceparent: string | null;
  /** Address and port of the other end. */
  peer: string;
};

export type GrpcExchangeOptions = {
  readonly registry: RpcRegistry;
  /** Default: no limit. */
  readonly maxMetadataBytes?: number | undefined;
  /** Told once, when the status is sent. */
  readonly onEnd: (exchange: GrpcExchange, code: number) => void;
};

/** One gRPC call on the wire: messages in and out, response metadata once, and one end, which is reported. */
export class GrpcExchange {
  readonly method: DescMethod;
  readonly #call: ServerInterceptingCallInterface;
  readonly #options: GrpcExchangeOptions;
  readonly #sendStatus: (status: GrpcStatus) => void;
  readonly #startedAt = performance.now();
  readonly #responseHeader = new Headers();
  readonly #responseTrailer = new Headers();
  #lifetime: CallLifetime | undefined;
  #requestId = "";
  #traceparent: string | null = null;
  #headerSent = false;
  #ended = false;

  constructor(method: DescMethod, call: ServerInterceptingCallInterface, options: GrpcExchangeOptions) {
    this.method = method;
    this.#call = call;
    this.#options = options;
    this.#sendStatus = call.sendStatus;
    // The only way to see, and give an ErrorInfo to, the statuses that grpc-js makes: size limit, deadline, framing.
    call.sendStatus = (status) => this.abort(errorOfGrpcJs(status));
  }

  /** The call's time begins; a deadline that has passed already ends it. */
  begin(): void {
    const onAbort = (error: ConnectError) => this.fail(error);
    this.#lifetime = this.#options.registry.begin(this.method, remainingMs(this.#call), { onAbort });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Undefined where the metadata is too large, which ends the call. */
  open(metadata: Metadata): CallInit | undefined {
    const { headers: requestHeader, size } = readMetadata(metadata);
    this.#requestId = adoptRequestId(requestHeader);
    this.#traceparent = requestHeader.get("traceparent");
    const { maxMetadataBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (size > maxMetadataBytes) {
      this.abort(metadataTooLarge(maxMetadataBytes));
      return undefined;
    }
    return {
      requestHeader,
      responseHeader: this.#responseHeader,
      responseTrailer: this.#responseTrailer,
      protocolName: "grpc",
      lifetime: this.#lifetime!,
      url: `http://${this.#call.getHost()}${methodPath(this.method)}`,
    };
  }

  parse(bytes: Buffer): MessageShape<DescMethod["input"]> {
    try {
      return fromBinary(this.method.input, bytes);
    } catch (error) {
      throw malformedRequest(`the request is not a ${this.method.input.typeName}`, error);
    }
  }

  /** Returns its size in bytes. `written` is told when HTTP/2 has taken it, and never if the call ends before. */
  send(header: Headers, message: MessageShape<DescMethod["output"]>, written: () => void): number {
    if (this.#ended) return 0;
    const bytes = this.#options.registry.encodedMessages.bytesOf(this.method.output, message);
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
    const status = errorStatus(error, ...unsent, this.#responseTrailer);
    if (!this.#headerSent && this.#requestId) status.metadata?.set(REQUEST_ID_HEADER, this.#requestId);
    this.#end(status);
  }

  /** Fails the call and aborts its handler's signal. */
  abort(error: ConnectError): void {
    this.#lifetime?.abort(error);
  }

  /** The HTTP/2 stream is gone: by the caller, or because the call is over. */
  close(): void {
    if (this.#ended) return;
    const late = this.#lifetime && this.#lifetime.remainingMs() <= 0;
    this.abort(late ? deadlineExceeded() : abortedByCaller(undefined));
  }

  #sendHeader(header: Headers): void {
    if (this.#headerSent) return;
    this.#headerSent = true;
    const metadata = toMetadata(header) ?? new Metadata();
    metadata.set(REQUEST_ID_HEADER, this.#requestId);
    this.#call.sendMetadata(metadata);
  }

  #end(status: GrpcStatus): void {
    this.#ended = true;
    this.#lifetime?.end();
    // As in ReleasableListener: nothing of the call may outlive it.
    this.#lifetime = undefined;
    this.#call.sendStatus = this.#sendStatus;
    this.#call.sendStatus(status);
    this.#options.onEnd(this, status.code);
  }

  /** What there is to say of the call, once it has ended with `code`. */
  report(code: number): CallReport {
    return {
      method: this.method,
      protocol: "grpc",
      code,
      durationMs: performance.now() - this.#startedAt,
      requestId: this.#requestId,
      traceparent: this.#traceparent,
      peer: this.#call.getPeer(),
    };
  }
}

function remainingMs(call: ServerInterceptingCallInterface): number | undefined {
  const deadline = Number(call.getDeadline());
  return deadline === Number.POSITIVE_INFINITY ? undefined : deadline - Date.now();
}
