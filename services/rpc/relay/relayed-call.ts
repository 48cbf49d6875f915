import type { OutgoingHttpHeaders } from "node:http2";
import { type DescMethodUnary, fromBinary } from "@bufbuild/protobuf";
import type { ConnectError, UnaryResponse } from "@connectrpc/connect";
import { malformedRequest } from "../call-error.ts";
import { CallHeaders } from "../call-headers.ts";
import type { CallInit } from "../call-init.ts";
import type { CallLifetime, CallLifetimeOptions } from "../call-lifetime.ts";
import type { CallReport } from "../call-report.ts";
import { bytesOf } from "../encoded-messages.ts";
import { addMetadata, isEmpty } from "../grpc-metadata.ts";
import { errorStatus } from "../grpc-status.ts";
import { adoptReceivedId, REQUEST_ID_HEADER } from "../request-id-header.ts";
import type { RpcRegistry } from "../rpc-registry.ts";
import { type CallHead, formatAnswerHead, formatFields } from "./relay-head.ts";

/** What a call is run with. */
export type RelayedCallOptions = {
  readonly registry: RpcRegistry;
  readonly peer: string;
  /** Told once of the answer, which is an error where there is no message. */
  readonly onAnswer: (call: RelayedCall, head: string, body: Uint8Array | undefined, code: number) => void;
};

/** A unary call that came by a relay. It is run, limited and reported as one that has a stream of its own. */
export class RelayedCall implements CallInit, CallLifetimeOptions {
  readonly id: number;
  readonly method: DescMethodUnary;
  readonly protocolName = "grpc";
  readonly requestHeader: CallHeaders;
  readonly responseHeader = new CallHeaders();
  readonly responseTrailer = new CallHeaders();
  readonly lifetime: CallLifetime;
  readonly #options: RelayedCallOptions;
  readonly #startedAt = performance.now();
  readonly #requestId: string;
  #ended = false;

  constructor(id: number, method: DescMethodUnary, { timeoutMs, metadata }: CallHead, options: RelayedCallOptions) {
    this.id = id;
    this.method = method;
    this.#options = options;
    this.#requestId = adoptReceivedId(metadata);
    this.requestHeader = new CallHeaders(metadata);
    this.lifetime = options.registry.begin(method, timeoutMs, this);
  }

  async run(request: Uint8Array): Promise<void> {
    const { registry } = this.#options;
    try {
      this.#succeed(await registry.unary(this.method, this.#parse(request), this));
    } catch (error) {
      this.#fail(registry.toCallError(error, this.method, this.requestHeader));
    }
  }

  /** Fails the call and aborts its handler's signal. */
  abort(error: ConnectError): void {
    this.lifetime.abort(error);
  }

  /** The call's deadline, or its cancellation. */
  onAbort(error: ConnectError): void {
    this.#fail(error);
  }

  /** What there is to say of the call, once it has ended with `code`. */
  report(code: number): CallReport {
    return {
      method: this.method,
      protocol: "grpc",
      code,
      durationMs: performance.now() - this.#startedAt,
      requestId: this.#requestId,
      traceparent: this.requestHeader.get("traceparent"),
      peer: this.#options.peer,
    };
  }

  #parse(bytes: Uint8Array) {
    try {
      return fromBinary(this.method.input, bytes);
    } catch (error) {
      throw malformedRequest(`the request is not a ${this.method.input.typeName}`, error);
    }
  }

  #succeed({ header, message, trailer }: UnaryResponse): void {
    if (this.#ended) return;
    const body = bytesOf(this.method.output, message);
    const own = `${REQUEST_ID_HEADER}\n${this.#requestId}\n`;
    const headers = isEmpty(header) ? own : formatFields({ ...addMetadata({}, header), ...this.#ownFields() });
    this.#end(formatAnswerHead(headers, isEmpty(trailer) ? "" : formatFields(addMetadata({}, trailer))), body, 0);
  }

  #fail(error: ConnectError): void {
    if (this.#ended) return;
    const fields = errorStatus(error);
    for (const metadata of [this.responseHeader, this.responseTrailer, error.metadata]) addMetadata(fields, metadata);
    this.#end(formatFields({ ...fields, ...this.#ownFields() }), undefined, error.code);
  }

  #ownFields(): OutgoingHttpHeaders {
    return { [REQUEST_ID_HEADER]: this.#requestId };
  }

  #end(head: string, body: Uint8Array | undefined, code: number): void {
    this.#ended = true;
    this.lifetime.end();
    this.#options.onAnswer(this, head, body, code);
  }
}
