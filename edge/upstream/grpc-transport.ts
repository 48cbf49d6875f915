import type { OutgoingHttpHeaders } from "node:http2";
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { ConnectError, Transport } from "@connectrpc/connect";
import { abortedByCaller } from "../../services/rpc/call-error.ts";
import { CallHeaders } from "../../services/rpc/call-headers.ts";
import { CallLifetime } from "../../services/rpc/call-lifetime.ts";
import { tooManyCalls } from "../../services/rpc/errors.ts";
import { mapMessages } from "../../services/rpc/message-stream.ts";
import { methodPath } from "../../services/rpc/method-path.ts";
import { REQUEST_ID_HEADER } from "../../services/rpc/request-id-header.ts";
import { createTimeoutLimit, type TimeoutLimitOptions } from "../../services/rpc/timeout-limit.ts";
import type { CallMeans } from "./call-means.ts";
import { toMetadata, toRequestHeaders } from "./call-metadata.ts";
import { Idempotency } from "./retries.ts";
import { openStream } from "./stream-call.ts";
import { toTransportError } from "./transport-error.ts";
import { UnaryCall } from "./unary-call.ts";

export type GrpcTransportOptions = TimeoutLimitOptions & {
  /**
   * The calls that may be in flight at a time; one more is RESOURCE_EXHAUSTED. A call that its caller gave up counts until
   * the server has ended it. Default: 10,000.
   */
  maxCalls?: number;
};

/**
 * A transport to servers of gRPC. What callers see of a call is what the local transport would show them, and where no
 * server could answer it, UNAVAILABLE.
 *
 * It is on HTTP/2 itself, not on grpc-js: a call costs the client half as much (measured: 45 µs of CPU against 80 to 95),
 * and whether a server has begun a call that failed, on which a retry depends, grpc-js does not tell.
 */
export function createGrpcTransport(means: CallMeans, options: GrpcTransportOptions = {}): Transport {
  const { maxCalls = 10_000 } = options;
  const context: Context = {
    means,
    limitTimeout: createTimeoutLimit(options),
    checkLoad() {
      if (means.pool.load() >= maxCalls) throw tooManyCalls(maxCalls);
    },
  };
  return { unary: createUnary(context), stream: createStream(context) };
}

/** What both kinds of calls are made with. */
type Context = {
  readonly means: CallMeans;
  readonly limitTimeout: ReturnType<typeof createTimeoutLimit>;
  /** @throws RESOURCE_EXHAUSTED where too many calls are in flight */
  checkLoad(): void;
};

function createUnary({ means, limitTimeout, checkLoad }: Context): Transport["unary"] {
  const idempotency = new Idempotency();
  return async (method, signal, timeoutMs, header, input) => {
    const metadata = toMetadata(asHeaders(header));
    let call: UnaryCall | undefined;
    const onAbort = (error: ConnectError) => call?.cancel(error);
    const lifetime = new CallLifetime(limitTimeout(method, timeoutMs), { caller: signal, onAbort });
    try {
      checkLoad();
      const request = create(method.input, input);
      const isIdempotent = idempotency.isIdempotent(method, request);
      const message = toBinary(method.input, request);
      call = new UnaryCall(means, lifetime, { path: methodPath(method), metadata, message, isIdempotent });
      const answer = await call.run();
      return {
        stream: false,
        service: method.parent,
        method,
        header: new CallHeaders(answer.headers),
        message: fromBinary(method.output, answer.message),
        trailer: new CallHeaders(answer.trailers),
      };
    } catch (error) {
      throw toTransportError(error, requestIdOf(metadata));
    } finally {
      lifetime.end();
    }
  };
}

function createStream({ means, limitTimeout, checkLoad }: Context): Transport["stream"] {
  return async (method, signal, timeoutMs, header, input) => {
    const headers = toRequestHeaders(methodPath(method), toMetadata(asHeaders(header)));
    const toError = (thrown: unknown) => toTransportError(thrown, requestIdOf(headers));
    try {
      checkLoad();
      const call = await openStream(means, { headers, timeoutMs: limitTimeout(method, timeoutMs), signal });
      const requests = mapMessages(input, (each) => encode(method.input, each));
      void call.send(requests, abortedByCaller);
      return {
        stream: true,
        service: method.parent,
        method,
        header: await call.header,
        message: mapMessages(call.answers, (bytes) => fromBinary(method.output, bytes), toError),
        trailer: call.trailer,
      };
    } catch (error) {
      throw toError(error);
    }
  };
}

function asHeaders(header: ConstructorParameters<typeof Headers>[0]): Headers {
  return header instanceof Headers ? header : new Headers(header);
}

function requestIdOf(headers: OutgoingHttpHeaders): string {
  return String(headers[REQUEST_ID_HEADER]);
}

function encode<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}
