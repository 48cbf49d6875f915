import type { ServerHttp2Session } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { DescMethod } from "@bufbuild/protobuf";
import type { KeyPair } from "../settings/key-pair.ts";
import { methodNotFound, shuttingDown } from "./call-error.ts";
import type { CallReport } from "./call-report.ts";
import type { GrpcExchange, GrpcExchangeOptions } from "./grpc-exchange.ts";
import { refuseForeign, refuseMethod } from "./grpc-refusal.ts";
import { GrpcSession, type GrpcSessionTimes } from "./grpc-session.ts";
import { GrpcStreamCall } from "./grpc-stream-call.ts";
import { GrpcUnaryCall } from "./grpc-unary-call.ts";
import type { GrpcWire } from "./grpc-wire.ts";
import { createHttp2Server } from "./http2-server.ts";
import { methodPath } from "./method-path.ts";
import { RELAY_PATH } from "./relay/relay-frame.ts";
import { RelayServer } from "./relay/relay-server.ts";
import type { RpcRegistry } from "./rpc-registry.ts";

export type GrpcServerOptions = GrpcSessionTimes & {
  /** Its services at the time of `listen` are served. */
  registry: RpcRegistry;
  /** The largest request message, as sent and decompressed. Default: 262,144. */
  maxRequestBytes?: number | undefined;
  /** The largest metadata of a request, about. Default: what Node takes: 128 values, 64 KiB as sent. */
  maxMetadataBytes?: number | undefined;
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

/**
 * Serves a registry over gRPC. It is on HTTP/2 itself: a minimal unary answer of `node:http2` took 30 µs of CPU where the
 * bare grpc-js echo took 50 to 76, whose calls pass through interceptors, metadata and queues of their own.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const methods = new Map<string, DescMethod>();
  const streams = new Set<GrpcExchange>();
  const relays = new Set<RelayServer>();
  const takeCall = createCallTaker(options, methods, streams, relays);
  const server = createHttp2Server(options.tls);
  const sessions = new Map<ServerHttp2Session, GrpcSession>();
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => addWhileOpen(sockets, socket));
  server.on("session", (session) => {
    const connection = new GrpcSession(session, options);
    sessions.set(session, connection);
    session.on("close", () => sessions.delete(session));
    session.on("stream", (stream, headers, _flags, rawHeaders) => {
      takeCall({ stream, headers, rawHeaders, connection });
    });
  });

  return {
    listen(host, port) {
      for (const method of options.registry.services.flatMap((service) => service.methods)) {
        methods.set(methodPath(method), method);
      }
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, () => {
          server.off("error", reject);
          resolve((server.address() as AddressInfo).port);
        });
      });
    },

    async stop(deadlineMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of sessions.values()) connection.stop();
      for (const exchange of streams) exchange.abort(shuttingDown());
      for (const relay of relays) relay.stop();
      // Sockets that shake no hands have no session.
      const looking = setInterval(() => sessions.size === 0 && destroyAll(sockets), LOOK_MS);
      const deadline = setTimeout(() => {
        destroyAll(sessions.keys());
        destroyAll(sockets);
      }, deadlineMs);
      await closed;
      clearInterval(looking);
      clearTimeout(deadline);
    },
  };
}

/** Answers what comes on streams; `streams` holds the calls under way that stream, and `relays` those that carry calls. */
function createCallTaker(
  options: GrpcServerOptions,
  methods: Map<string, DescMethod>,
  streams: Set<GrpcExchange>,
  relays: Set<RelayServer>,
) {
  const { registry, maxRequestBytes = 262_144, maxMetadataBytes = Number.POSITIVE_INFINITY, onCall } = options;
  const onEnd: GrpcExchangeOptions["onEnd"] = (call, code) => {
    call.connection.end();
    streams.delete(call);
    onCall?.(call.report(code));
  };
  const limits: GrpcExchangeOptions = { registry, maxRequestBytes, maxMetadataBytes, onEnd };
  const relayOptions = { registry, methods, maxRequestBytes, maxMetadataBytes, onCall };
  const openRelay = (wire: GrpcWire): void => {
    const relay = new RelayServer(wire, relayOptions);
    relays.add(relay);
    wire.connection.relays++;
    wire.stream.on("close", () => {
      wire.connection.relays--;
      relays.delete(relay);
    });
  };
  return (wire: GrpcWire): void => {
    if (refuseForeign(wire)) return;
    const path = wire.headers[":path"] ?? "";
    if (path === RELAY_PATH && wire.connection.relays < RELAYS_MAX) {
      openRelay(wire);
      return;
    }
    const method = methods.get(path);
    if (method === undefined) {
      refuseMethod(wire, methodNotFound(path));
      return;
    }
    const isUnary = method.methodKind === "unary";
    const call = isUnary ? new GrpcUnaryCall(method, wire, limits) : new GrpcStreamCall(method, wire, limits);
    wire.connection.begin();
    if (!isUnary) streams.add(call);
    call.begin();
  };
}

/** Of a connection: one is enough, but the next may come before the last is known to be gone. */
const RELAYS_MAX = 4;

/** How often a server that stops looks whether only sockets without a session are left, in milliseconds. */
const LOOK_MS = 100;

function destroyAll(all: Iterable<{ destroy(): void }>): void {
  for (const each of all) each.destroy();
}

function addWhileOpen<T extends { on(event: "close", listener: () => void): unknown }>(open: Set<T>, one: T): void {
  open.add(one);
  one.on("close", () => open.delete(one));
}
