import type { DescMethod } from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import type { KeyPair } from "../settings/key-pair.ts";
import { shuttingDown } from "./call-error.ts";
import { type CallReport, GrpcExchange } from "./grpc-exchange.ts";
import { type GrpcListener, ReleasableListener } from "./grpc-listener.ts";
import { GrpcStreamCall } from "./grpc-stream-call.ts";
import { GrpcUnaryCall } from "./grpc-unary-call.ts";
import { methodPath } from "./method-path.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

export type GrpcServerOptions = {
  /** Its services at the time of `listen` are served. */
  registry: RpcRegistry;
  /** The largest request message, as sent and decompressed. Default: 262,144. */
  maxRequestBytes?: number;
  /** The largest metadata of a request, about. Default: what Node takes: 128 values, 64 KiB as sent. */
  maxMetadataBytes?: number;
  /** Told of every call of a served method when it is over. */
  onCall?: (report: CallReport) => void;
  /** Default: without TLS. */
  tls?: KeyPair | undefined;
};

export type GrpcServer = {
  /** Resolves with the port, which is chosen where `port` is 0. */
  listen(host: string, port: number): Promise<number>;
  /**
   * Takes no more calls. Response streams may have no end of their own, and end with UNAVAILABLE at once. The other
   * calls finish, and what is left after `deadlineMs` is cancelled.
   */
  stop(deadlineMs: number): Promise<void>;
};

/** Serves a registry over gRPC. */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const methods = new Map<string, DescMethod>();
  const streams = new Set<GrpcExchange>();
  const answer = createAnswerer(options, streams);
  const mount: ServerInterceptor = ({ path }, call) => new MountedCall(call, answer(methods.get(path)!, call));
  const server = new Server({ ...limits(options), interceptors: [mount] });
  let address: string | undefined;

  return {
    async listen(host, port) {
      for (const method of options.registry.services.flatMap((service) => service.methods)) {
        methods.set(methodPath(method), method);
        register(server, method);
      }
      const hostPart = host.includes(":") ? `[${host}]` : host;
      const bound = await bind(server, `${hostPart}:${port}`, credentialsOf(options));
      address = `${hostPart}:${bound}`;
      return bound;
    },

    async stop(deadlineMs) {
      // By drain, because forceShutdown finds no connection without channelz. After tryShutdown drain finds none either.
      if (address) server.drain(address, deadlineMs);
      const stopped = shutDown(server, deadlineMs + CANCEL_MS);
      for (const exchange of streams) exchange.abort(shuttingDown());
      await stopped;
    },
  };
}

/** Runs the calls of a registry; `streams` holds those under way that stream. */
function createAnswerer({ registry, maxMetadataBytes, onCall }: GrpcServerOptions, streams: Set<GrpcExchange>) {
  return (method: DescMethod, call: ServerInterceptingCallInterface): GrpcListener => {
    const relay = new ReleasableListener();
    const onEnd = (ended: GrpcExchange, code: number) => {
      relay.release();
      streams.delete(ended);
      onCall?.(ended.report(code));
    };
    const exchange = new GrpcExchange(method, call, { registry, maxMetadataBytes, onEnd });
    if (method.methodKind === "unary") relay.listen(new GrpcUnaryCall(exchange, call, registry));
    else {
      streams.add(exchange);
      relay.listen(new GrpcStreamCall(exchange, call, registry));
    }
    exchange.begin();
    return relay;
  };
}

/** Resolves with the port. */
function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(new Error(whyNotBound(error), { cause: error }));
      else resolve(port);
    });
  });
}

/** What grpc-js says after a count of addresses: `No address added out of total 1 resolved errors: [listen EADDRINUSE…]`. */
function whyNotBound({ message }: Error): string {
  return /errors: \[(.+)\]$/s.exec(message)?.[1] ?? message;
}

function credentialsOf({ tls }: GrpcServerOptions): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [{ cert_chain: tls.cert, private_key: tls.key }]);
}

/**
 * Resolves when no call is left, or at a deadline. A cancelled call ends at once, but grpc-js waits for its peer to
 * close the other side, which some never do.
 */
function shutDown(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(resolve, deadlineMs);
    server.tryShutdown(() => {
      clearTimeout(giveUp);
      resolve();
    });
  });
}

/**
 * What one connection may keep in memory, of headers and of answers that its caller does not read: some 80 of the
 * largest answers. grpc-js has no limit of its own. At this one streams are refused, and after 100 of those the session
 * ends.
 */
const SESSION_MEGABYTES = 256;

/** What cancelled calls get to end. */
const CANCEL_MS = 100;

/**
 * Everything that grpc-js lets a server bound; connections it does not. For the rest Node's defaults hold, by which the
 * session ends after:
 * - a burst of 1,000 streams that are reset, or 33 a second for long (CVE-2023-44487),
 * - 1,000 invalid frames,
 * - 100 streams too many.
 *
 * Channelz is off because it costs CPU in every call.
 */
function limits({ maxRequestBytes = 262_144 }: GrpcServerOptions) {
  return {
    "grpc.max_receive_message_length": maxRequestBytes,
    "grpc.max_concurrent_streams": 1000,
    "grpc-node.max_session_memory": SESSION_MEGABYTES,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.max_connection_idle_ms": 900_000,
    "grpc.enable_channelz": 0,
  };
}

const passThrough = (bytes: Buffer): Buffer => bytes;

/** Makes the path known to grpc-js; the interceptor takes its calls before the handler would be asked. */
function register(server: Server, method: DescMethod): void {
  server.register(methodPath(method), () => {}, passThrough, passThrough, "bidi");
}

/** A call of grpc-js that is answered from the registry instead of by the handler grpc-js knows. */
class MountedCall extends ServerInterceptingCall {
  readonly #call: ServerInterceptingCallInterface;
  readonly #listener: GrpcListener;

  constructor(call: ServerInterceptingCallInterface, listener: GrpcListener) {
    super(call);
    this.#call = call;
    this.#listener = listener;
  }

  override start(): void {
    this.#call.start(this.#listener);
  }
}
