import { once } from "node:events";
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { onTestFinished, vi } from "vitest";
import { HealthCheckResponse_ServingStatus, HealthCheckResponseSchema } from "../../../gen/health/v1/health_pb.ts";
import { frameMessage } from "../../../services/rpc/grpc-frame.ts";
import { RELAY_PATH } from "../../../services/rpc/relay/relay-frame.ts";
import { FaultyRelay } from "./faulty-relay.ts";

/** What a server does with a call. */
export const FAULTS = [
  "refuses",
  "leaves",
  "hangs up",
  "resets",
  "is UNAVAILABLE",
  "is RESOURCE_EXHAUSTED",
  "answers too much",
  "is silent",
] as const;
export type Fault = (typeof FAULTS)[number];

/** How calls come to a server: it has relays or not. */
export const WAYS = ["by a relay", "by streams of their own"] as const;
export type Way = (typeof WAYS)[number];

export type FaultyServer = {
  /** `127.0.0.1:port` */
  address: string;
  /** Calls that came, but those for health. */
  calls: number;
  /** Of these, those by a relay. */
  relayed: number;
  /** Questions for health. */
  readonly checks: number;
  /** Sessions that were opened. */
  readonly sessions: number;
  /** Answers the calls that a silent server has: UNAVAILABLE. */
  release(): void;
  /** Health is answered as this says; not at all where it is undefined. */
  serving: boolean | undefined;
  /** Resolves when calls come as they should: where the server has relays, one is open. */
  ready(): Promise<void>;
};

const HEALTH = "/grpc.health.v1.Health/Check";
export const STATUS: Partial<Record<Fault, string>> = { "is UNAVAILABLE": "14", "is RESOURCE_EXHAUSTED": "8" };

function act(fault: Fault, stream: ServerHttp2Stream): void {
  if (fault === "refuses" || fault === "leaves") stream.close(constants.NGHTTP2_REFUSED_STREAM);
  else if (fault === "resets") stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  // Its frames of the call are gone before.
  else if (fault === "hangs up") stream.resume().once("end", () => stream.session?.destroy());
  else if (fault === "answers too much") {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.write(frameMessage(Buffer.alloc(2_000)));
  } else if (STATUS[fault] !== undefined) end(stream, STATUS[fault]);
}

function end(stream: ServerHttp2Stream, status: string): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": status }, { endStream: true });
}

function answerHealth(stream: ServerHttp2Stream, serving: boolean): void {
  const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus;
  const response = create(HealthCheckResponseSchema, { status: serving ? SERVING : NOT_SERVING });
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frameMessage(toBinary(HealthCheckResponseSchema, response)));
}

/** A gRPC server that says it is well and fails every call in the same way; closed after the test. */
export async function startFaultyServer(fault: Fault, way: Way = "by streams of their own"): Promise<FaultyServer> {
  const sessions = new Set<ServerHttp2Session>();
  const unanswered = new Set<ServerHttp2Stream>();
  const relays = new Set<FaultyRelay>();
  const state: FaultyServer = {
    ...{ calls: 0, relayed: 0, checks: 0, sessions: 0, serving: true, address: "" },
    release() {
      for (const stream of unanswered) if (!stream.closed) act("is UNAVAILABLE", stream);
      for (const relay of relays) relay.release();
    },
    async ready() {
      if (way === "by streams of their own") return;
      await vi.waitUntil(() => relays.size > 0, { timeout: 10_000 });
      // A check that is asked for after the answer to another shows that what was sent before that was read.
      const { checks } = state;
      await vi.waitUntil(() => state.checks > checks + 2, { timeout: 10_000 });
    },
  };
  const onRelayed = () => {
    state.calls++;
    state.relayed++;
  };
  const counts = state as { checks: number; sessions: number };
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    counts.sessions++;
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    if (headers[":path"] === RELAY_PATH) {
      if (way === "by a relay") relays.add(new FaultyRelay(fault, stream, onRelayed));
      else end(stream, "12");
    } else if (headers[":path"] !== HEALTH) {
      state.calls++;
      if (fault === "is silent") unanswered.add(stream);
      else act(fault, stream);
    } else if (state.serving !== undefined) {
      counts.checks++;
      answerHealth(stream, state.serving);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  state.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return state;
}
