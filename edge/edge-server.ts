import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import type { Code, Transport } from "@connectrpc/connect";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { type FastifyInstance, fastify } from "fastify";
import { forwardServices } from "./connect-forwarder.ts";
import { drainOnClose } from "./connection-drain.ts";
import { type DocsOptions, docsRoutes } from "./docs/index.ts";
import { observeTransport } from "./observed-transport.ts";
import { type OperationsOptions, operations } from "./operations.ts";
import { type ErrorInfoSource, frameworkErrors, type RefusalKind, transcode } from "./transcode/index.ts";

/** A call that the edge has answered. `code` is undefined where it went well. */
export type EdgeCall = {
  method: string;
  protocol: string;
  code: Code | undefined;
  durationMs: number;
  requestId: string;
  traceparent: string | null;
};

/** What the edge works with; times in milliseconds. */
export type EdgeOptions = OperationsOptions & {
  /** The services to serve; their handlers are behind the transport. */
  services: readonly DescService[];
  transport: Transport;
  docs: DocsOptions;
  maxRequestBytes: number;
  defaultTimeoutMs: number;
  /** What `close` leaves the requests under way. */
  closeTimeoutMs: number;
  /** Told of each call. */
  onCall: (call: EdgeCall) => void;
  /** Told of errors that no caller caused. */
  onError: (error: unknown) => void;
};

const REASONS: Record<RefusalKind, string> = {
  malformedRequest: "MALFORMED_REQUEST",
  noSuchPath: "METHOD_NOT_FOUND",
  methodNotAllowed: "METHOD_NOT_ALLOWED",
  notAcceptable: "NOT_ACCEPTABLE",
  requestTooLarge: "REQUEST_TOO_LARGE",
  unsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
  internal: "INTERNAL",
};

/** Headers of REST that fill a request's field. */
export const HEADER_FIELDS = { "idempotency-key": "request_id" };

const errorInfo: ErrorInfoSource = (kind) => ({ reason: REASONS[kind], domain: "parley" });

/**
 * Connect destroys the stream of a gRPC-Web body that it refuses half-read, and Node then reads no other request from
 * the connection. Here the stream stays, and its rest is dropped once the answer is sent.
 */
function keepConnection(request: IncomingMessage, response: ServerResponse): void {
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false });
  response.once("finish", () => request.resume());
}

/** The edge: REST, Connect and gRPC-Web on one port, all handed on to one transport. It decides nothing itself. */
export function createEdgeServer(options: EdgeOptions): FastifyInstance {
  const { services, transport, maxRequestBytes, defaultTimeoutMs, onCall, onError } = options;
  const transportFor = (protocol: string) =>
    observeTransport(transport, ({ method, error, durationMs, requestHeader, responseHeader }) =>
      onCall({
        method,
        protocol,
        code: error?.code,
        durationMs,
        requestId: responseHeader.get("x-request-id") ?? "",
        traceparent: requestHeader.get("traceparent"),
      }),
    );
  const byProtocol = new Map(["connect", "grpc-web"].map((protocol) => [protocol, transportFor(protocol)]));
  const app = fastify({
    bodyLimit: maxRequestBytes,
    requestTimeout: defaultTimeoutMs,
    forceCloseConnections: "idle",
    // What still comes over an open connection while the server closes is served, and the connection closed after it.
    return503OnClosing: false,
    frameworkErrors: frameworkErrors({ errorInfo, onError }),
  });
  drainOnClose(app, options.closeTimeoutMs);
  app.addHook("onRequest", async (request, reply) => {
    keepConnection(request.raw, reply.raw);
  });
  app.register(operations(options));
  app.register(docsRoutes(options.docs));
  app.register(fastifyConnectPlugin, {
    routes: forwardServices(services, (protocol) => byProtocol.get(protocol)!),
    grpc: false,
    readMaxBytes: maxRequestBytes,
    writeMaxBytes: 2 ** 31 - 1,
  });
  app.register(
    transcode({
      services,
      transport: transportFor("rest"),
      headerFields: HEADER_FIELDS,
      defaultTimeoutMs,
      errorInfo,
      onError,
    }),
  );
  return app;
}
