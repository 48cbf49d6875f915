import type { DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { createMethodUrl } from "@connectrpc/connect/protocol";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { BrokenRequests } from "./broken-requests.ts";
import { CallObserver, type EdgeCall } from "./call-observer.ts";
import { forwardConnect } from "./connect/index.ts";
import { drainOnClose } from "./connection-drain.ts";
import { CrossOrigin } from "./cors.ts";
import { type DocsOptions, docsRoutes } from "./docs/index.ts";
import { type OperationsOptions, operations } from "./operations.ts";
import { limitReceiving } from "./receive-deadline.ts";
import { REFUSAL_REASONS } from "./refusal-reasons.ts";
import { MAX_CONNECTIONS, RECEIVE_TIMEOUT_MS, serverOptions, type TlsOptions } from "./server-options.ts";
import { type AnswerOptions, type ErrorInfoSource, frameworkErrors, transcode } from "./transcode/index.ts";
import { keepConnection } from "./unread-body.ts";

/** What the edge works with; times in milliseconds. */
export type EdgeOptions = OperationsOptions & {
  /** The services to serve; their handlers are behind the transport. */
  services: readonly DescService[];
  transport: Transport;
  /** Served where they are given. */
  docs?: DocsOptions | undefined;
  /** With a key pair the port speaks HTTPS. Default: HTTP/1.1 without TLS. */
  tls?: TlsOptions | undefined;
  /** Origins whose pages may call; `*` is all. Default: none but this port's. */
  corsOrigins?: readonly string[];
  /** Addresses of proxies whose `X-Forwarded-For` is believed, ranges and their names too. Default: none. */
  trustedProxies?: readonly string[];
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

/** Headers of REST that fill a request's field. */
export const HEADER_FIELDS = { "idempotency-key": "request_id" };

const errorInfo: ErrorInfoSource = (kind) => ({ reason: REFUSAL_REASONS[kind], domain: "parley" });

/** The edge: REST, Connect and gRPC-Web on one port, all handed on to one transport. It decides nothing itself. */
export function createEdgeServer(options: EdgeOptions): FastifyInstance {
  const { maxRequestBytes, tls, trustedProxies = [], docs, closeTimeoutMs } = options;
  const observer = new CallObserver(options.onCall);
  const crossOrigin = new CrossOrigin(options.corsOrigins ?? []);
  const answers = observedAnswers(options, observer);
  const broken = new BrokenRequests();
  const app = fastify({
    ...serverOptions(tls),
    bodyLimit: maxRequestBytes,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    forceCloseConnections: "idle",
    // What still comes over an open connection while the server closes is served, and the connection closed after it.
    return503OnClosing: false,
    clientErrorHandler: broken.answer,
    frameworkErrors: crossOrigin.wrap(frameworkErrors(answers)),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  drainOnClose(app, closeTimeoutMs);
  app.addHook("onRequest", async ({ raw }, reply) => {
    broken.follow(raw, reply.raw);
    limitReceiving(raw, RECEIVE_TIMEOUT_MS);
    keepConnection(raw, reply.raw);
  });
  app.register(operations(options));
  if (docs !== undefined) app.register(docsRoutes(docs));
  app.register(async (calls) => {
    calls.addHook("onRequest", crossOrigin.onRequest);
    calls.register(connectRoutes(options, observer));
    calls.register(restRoutes(options, observer, answers));
  });
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

function connectRoutes({ services, transport, maxRequestBytes, onError }: EdgeOptions, observer: CallObserver) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", async (request, reply) => {
      const protocol = request.headers["content-type"]?.startsWith("application/grpc-web") ? "grpc-web" : "connect";
      observer.begin(reply, protocol, request.routeOptions.url);
    });
    const callOf = (request: FastifyRequest) => observer.of(request);
    app.register(forwardConnect({ services, transport, maxRequestBytes, errorInfo, onError, callOf }));
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
