import type { DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { drainOnClose } from "../../services/http/connection-drain.ts";
import { SERVER_LIMITS, type ServerLimits } from "../../services/http/server-limits.ts";
import { serverOptions } from "../../services/http/server-options.ts";
import { CLIENT_ADDRESS_HEADER } from "../../services/limits/client-address.ts";
import { RATE_LIMIT_HEADERS } from "../../services/limits/rate-limited.ts";
import { failedFields } from "../../services/observability/failed-fields.ts";
import { type OperationsOptions, operations } from "../../services/observability/operations.ts";
import { methodPath } from "../../services/rpc/method-path.ts";
import type { KeyPair } from "../../services/settings/key-pair.ts";
import { HEADER_FIELDS } from "../api/header-fields.ts";
import { errorInfo } from "../api/refusal-reasons.ts";
import { forwardConnect, protocolOf } from "../connect/index.ts";
import { type DocsOptions, docsRoutes } from "../docs/index.ts";
import { type AnswerOptions, frameworkErrors, transcode } from "../transcode/index.ts";
import { boundTransport } from "./bounded-transport.ts";
import { BrokenRequests } from "./broken-requests.ts";
import { CallObserver, type EdgeCall } from "./call-observer.ts";
import { tellClientAddress } from "./client-address.ts";
import { CrossOrigin } from "./cors.ts";
import { refuseWrites } from "./read-only-routes.ts";
import { limitReceiving } from "./receive-deadline.ts";
import { boundRequests } from "./request-bounds.ts";
import { UnsentBytes } from "./unsent-bytes.ts";
import { WaitingAnswers } from "./waiting-answers.ts";

/** What the edge works with; times in milliseconds. */
export type EdgeOptions = OperationsOptions & {
  /** The services to serve; their handlers are behind the transport, which also knows the deadline of a call without one. */
  services: readonly DescService[];
  transport: Transport;
  /** Served where they are given. */
  docs?: DocsOptions | undefined;
  /** With a key pair the port speaks HTTPS. Default: HTTP/1.1 without TLS. */
  tls?: KeyPair | undefined;
  /** Origins whose pages may call; `*` is all. Default: none but this port's. */
  corsOrigins?: readonly string[];
  /** Addresses of proxies whose `X-Forwarded-For` is believed, ranges and their names too. Default: none. */
  trustedProxies?: readonly string[];
  /** Each by default as in SERVER_LIMITS. */
  limits?: Partial<ServerLimits>;
  maxRequestBytes: number;
  /** What `close` leaves the requests under way. */
  closeTimeoutMs: number;
  /** Told of each request for a call when it is over, also of those that are refused before they are one. */
  onCall: (call: EdgeCall) => void;
  /** Told of errors that no caller caused. */
  onError: (error: unknown) => void;
};

/** The edge: REST, Connect and gRPC-Web on one port, all handed on to one transport. It decides nothing itself. */
export function createEdgeServer(options: EdgeOptions): FastifyInstance {
  const { docs, closeTimeoutMs } = options;
  const limits = { ...SERVER_LIMITS, ...options.limits };
  const observer = new CallObserver(options.onCall);
  const crossOrigin = new CrossOrigin(options.corsOrigins ?? []);
  const answers = crossOrigin.allowOn(observedAnswers(options, observer));
  const waiting = new WaitingAnswers();
  const unsent = new UnsentBytes(limits.stallTimeoutMs);
  const transport = boundTransport(options.transport, unsent, limits.unsentMaxBytes);
  const app = createServer(options, limits, new BrokenRequests(waiting), answers);
  // Before any hook, which may run when the next request of the connection is there.
  app.server.prependListener("request", waiting.add);
  drainOnClose(app, closeTimeoutMs);
  app.addHook("onClose", async () => unsent.close());
  // Hooks call back, since those that are asynchronous cost 1 µs each.
  app.addHook("onRequest", ({ raw }, reply, next) => {
    unsent.follow(reply.raw);
    limitReceiving(raw, limits.receiveTimeoutMs);
    // The rest of a body that is answered half-read is dropped: Node reads no other request from its connection before.
    reply.raw.on("finish", () => raw.resume());
    next();
  });
  app.addHook("onRequest", boundRequests(waiting, limits, frameworkErrors(answers)));
  app.register(async (pages) => {
    refuseWrites(pages, frameworkErrors(answers));
    pages.register(operations(options));
    if (docs !== undefined) pages.register(docsRoutes(docs));
  });
  app.register(async (calls) => {
    calls.addHook("onRequest", crossOrigin.onRequest);
    calls.addHook("onRequest", tellClientAddress);
    calls.register(connectRoutes({ ...options, transport }, observer));
    calls.register(restRoutes({ ...options, transport }, observer));
  });
  return app;
}

/** @param answers how what Fastify refuses before any route is answered */
function createServer(
  { maxRequestBytes, tls, trustedProxies = [] }: EdgeOptions,
  limits: ServerLimits,
  broken: BrokenRequests,
  answers: AnswerOptions,
): FastifyInstance {
  const app = fastify({
    ...serverOptions(limits, tls),
    bodyLimit: maxRequestBytes,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    forceCloseConnections: "idle",
    // What still comes over an open connection while the server closes is served, and the connection closed after it.
    return503OnClosing: false,
    clientErrorHandler: broken.answer,
    frameworkErrors: frameworkErrors(answers),
  });
  app.server.maxConnections = limits.maxConnections;
  return app;
}

/** How REST answers. */
function observedAnswers({ onError }: EdgeOptions, observer: CallObserver) {
  return {
    errorInfo,
    onError,
    returnedHeaders: RATE_LIMIT_HEADERS,
    onAnswer: (reply, code, reason, error) => {
      Object.assign(observer.find(reply), { code, reason, fields: error && failedFields(error) });
    },
  } satisfies AnswerOptions;
}

function connectRoutes({ services, transport, maxRequestBytes, onError }: EdgeOptions, observer: CallObserver) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", (request, reply, next) => {
      observer.begin(reply, protocolOf(request.headers["content-type"]), request.routeOptions.url);
      next();
    });
    const callOf = (request: FastifyRequest) => observer.of(request);
    app.register(forwardConnect({ services, transport, maxRequestBytes, errorInfo, onError, callOf }));
  };
}

function restRoutes(options: EdgeOptions, observer: CallObserver) {
  const { services, transport } = options;
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRequest", (_request, reply, next) => {
      observer.begin(reply, "rest");
      next();
    });
    app.register(
      transcode({
        ...observedAnswers(options, observer),
        services,
        transport,
        headerFields: HEADER_FIELDS,
        unknownPathHint: options.docs === undefined ? "" : "; /docs lists the paths",
        forwardedHeaders: [CLIENT_ADDRESS_HEADER],
        contextValues: (request) => observer.of(request)!.contextValues,
        onRoute: (request, method) => {
          observer.of(request)!.method = methodPath(method);
        },
      }),
    );
  };
}
