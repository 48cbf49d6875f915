import type { IncomingHttpHeaders } from "node:http2";
import { type DescMethod, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { type ConnectError, createContextValues } from "@connectrpc/connect";
import { failedFields } from "../observability/failed-fields.ts";
import { abortedByCaller, deadlineExceeded, malformedRequest, reasonOf } from "./call-error.ts";
import { CallHeaders } from "./call-headers.ts";
import type { CallInit } from "./call-init.ts";
import type { CallLifetime, CallLifetimeOptions } from "./call-lifetime.ts";
import type { CallReport } from "./call-report.ts";
import { adoptReceivedId } from "./request-id-header.ts";

/**
 * A call as it came over gRPC, on a stream of its own or by a relay. It is what the registry is told of the call, too, so
 * that a call makes few objects.
 */
export abstract class ReceivedCall<Method extends DescMethod = DescMethod> implements CallInit, CallLifetimeOptions {
  readonly method: Method;
  readonly protocolName = "grpc";
  readonly requestHeader: CallHeaders;
  readonly responseHeader = new CallHeaders();
  readonly responseTrailer = new CallHeaders();
  readonly contextValues = createContextValues();
  /** Begun by who can be told of its abort, which a call that is not made yet cannot. */
  abstract readonly lifetime: CallLifetime;
  protected readonly requestId: string;
  /** What the call was answered with, where it failed. */
  protected failure: ConnectError | undefined;
  readonly peer: string;
  readonly #startedAt = performance.now();

  /** @param peer address and port of the other end */
  constructor(method: Method, headers: IncomingHttpHeaders, peer: string) {
    this.method = method;
    this.requestId = adoptReceivedId(headers);
    this.requestHeader = new CallHeaders(headers);
    this.peer = peer;
  }

  /** Answers with an error, unless the call is answered. */
  protected abstract fail(error: ConnectError): void;

  /** Fails the call and aborts its handler's signal. */
  abort(error: ConnectError): void {
    this.lifetime.abort(error);
  }

  /** The same, where nobody can be answered any more. */
  abandon(): void {
    this.abort(this.lifetime.remainingMs() <= 0 ? deadlineExceeded() : abortedByCaller(undefined));
  }

  /** The call's deadline, or its cancellation. */
  onAbort(error: ConnectError): void {
    this.fail(error);
  }

  /** What there is to say of the call, once it has ended with `code`. */
  report(code: number): CallReport {
    return {
      method: this.method,
      protocol: "grpc",
      code,
      reason: this.failure && reasonOf(this.failure),
      fields: this.failure && failedFields(this.failure),
      durationMs: performance.now() - this.#startedAt,
      requestId: this.requestId,
      traceparent: this.requestHeader.get("traceparent"),
      peer: this.peer,
      contextValues: this.contextValues,
    };
  }

  protected parse(bytes: Uint8Array): MessageShape<DescMethod["input"]> {
    try {
      return fromBinary(this.method.input, bytes);
    } catch (error) {
      throw malformedRequest(`the request is not a ${this.method.input.typeName}`, error);
    }
  }
}
