import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescService } from "@bufbuild/protobuf";
import { createContextValues, type Transport } from "@connectrpc/connect";
import { createMethodUrl } from "@connectrpc/connect/protocol";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { type FastifyInstance, fastify } from "fastify";
import { CallObserver, type EdgeCall } from "./call-observer.ts";
import { forwardServices, openCall } from "./connect-forwarder.ts";
import { drainOnClose } from "./connection-drain.ts";
import { type DocsOptions, docsRoutes } from "./docs/index.ts";
import { type OperationsOptions, operations } from "./operations.ts";
import {
  type AnswerOptions,
  type ErrorInfoSource,
  frameworkErrors,
  type RefusalKind,
  transcode,
} from "./transcode/index.ts";

/** What the edge works with; times in milliseconds. */
export type EdgeOptions = OperationsOptions & {
  /** The services to serve; their handlers are behind the transport. */
  services: readonly DescService[];
  transport: Transport;
  docs: DocsOptions;
  maxRequestBytes: number;
  /** Deadline of a call over REST that brings none. */
  defaultTimeoutMs: number;
  /** What `close` leaves the requests under way. */
  closeTimeoutMs: number;
  /** Told of each request for a call when it is over, also of those that are refused before they are one. */
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

/** How long a caller may take to send a request, after which it holds its connection for nothing. */
const RECEIVE_TIMEOUT_MS = 30_000;

/** The edge: REST, Connect and gRPC-Web on one port, all handed on to one transport. It decides nothing itself. */
export function createEdgeServer(options: EdgeOptions): FastifyInstance {
  const observer = new CallObserver(options.onCall);
  const answers = observedAnswers(options, observer);
  const app = fastify({
    bodyLimit: options.maxRequestBytes,
    requestTimeout: RECEIVE_TIMEOUT_MS,
    forceCloseConnections: "idle",
    // What still comes over an open connection while the server closes is served, and the connection closed after it.
    return503OnClosing: false,
    frameworkErrors: frameworkErrors(answers),
  });
  drainOnClose(app, options.closeTimeoutMs);
  app.addHook("onRequest", async (request, reply) => {
    keepConnection(request.raw, reply.raw);
  });
  app.register(operations(options));
  app.register(docsRoutes(options.docs));
  app.register(connectRoutes(options, observer));
  app.register(restRoutes(options, observer, answers));
  return app;
}

/** How REST answers, and what Fastify refuses before any route. */
function observedAnswers({ onError }: EdgeOptions, observer: CallObserver): AnswerOptions {
  return {
    errorInfo,
    onError,
    onAnswer: (reply, code) => {
      observer.find(reply).code = code;
    },
  };
}

function connectRoutes({ services, transport, maxRequestBytes }: EdgeOptions, observer: CallObserver) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", async (request, reply) => {
      const protocol = request.headers["content-type"]?.startsWith("application/grpc-web") ? "grpc-web" : "connect";
      observer.begin(reply, protocol, request.routeOptions.url);
    });
    app.register(fastifyConnectPlugin, {
      routes: forwardServices(services, transport),
      contextValues: (request) => createContextValues().set(openCall, observer.of(request)),
      grpc: false,
      readMaxBytes: maxRequestBytes,
      writeMaxBytes: 2 ** 31 - 1,
    });
  };
}

function restRoutes(options: EdgeOptions, observer: CallObserver, answers: AnswerOptions) {
  const { services, transport, defaultTimeoutMs } = options;
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", async (_request, reply) => {
      observer.begin(reply, "rest");
    });
    app.register(
      transcode({
        ...answers,
        services,
        transport,
        headerFields: HEADER_FIELDS,
        defaultTimeoutMs,
        onRoute: (request, method) => {
          observer.of(request)!.method = createMethodUrl("", method);
        },
      }),
    );
  };
}
