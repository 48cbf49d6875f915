import { once } from "node:events";
import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import { HealthCheckResponse_ServingStatus, HealthCheckResponseSchema } from "../../../gen/health/v1/health_pb.ts";
import { frameMessage } from "../../../services/rpc/grpc-frame.ts";

/** What a server does with a call. */
export const FAULTS = [
  "refuses",
  "hangs up",
  "resets",
  "is UNAVAILABLE",
  "is RESOURCE_EXHAUSTED",
  "answers too much",
  "is silent",
] as const;
export type Fault = (typeof FAULTS)[number];

export type FaultyServer = {
  /** `127.0.0.1:port` */
  address: string;
  /** Calls that came, but those for health. */
  readonly calls: number;
  /** Questions for health. */
  readonly checks: number;
  /** Sessions that were opened. */
  readonly sessions: number;
  /** Answers the calls that a silent server has: UNAVAILABLE. */
  release(): void;
  /** Health is answered as this says; not at all where it is undefined. */
  serving: boolean | undefined;
};

const HEALTH = "/grpc.health.v1.Health/Check";
const STATUS: Partial<Record<Fault, string>> = { "is UNAVAILABLE": "14", "is RESOURCE_EXHAUSTED": "8" };

function act(fault: Fault, stream: ServerHttp2Stream): void {
  if (fault === "refuses") stream.close(constants.NGHTTP2_REFUSED_STREAM);
  else if (fault === "resets") stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  // Its frames of the call are gone before.
  else if (fault === "hangs up") stream.resume().once("end", () => stream.session?.destroy());
  else if (fault === "answers too much") {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.write(frameMessage(Buffer.alloc(2_000)));
  } else if (STATUS[fault] !== undefined) {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": STATUS[fault] },
      { endStream: true },
    );
  }
}

function answerHealth(stream: ServerHttp2Stream, serving: boolean): void {
  const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus;
  const response = create(HealthCheckResponseSchema, { status: serving ? SERVING : NOT_SERVING });
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frameMessage(toBinary(HealthCheckResponseSchema, response)));
}

/** A gRPC server that says it is well and fails every call in the same way; closed after the test. */
export async function startFaultyServer(fault: Fault): Promise<FaultyServer> {
  const sessions = new Set<ServerHttp2Session>();
  const unanswered = new Set<ServerHttp2Stream>();
  const release = () => {
    for (const stream of unanswered) if (!stream.closed) act("is UNAVAILABLE", stream);
  };
  const state = { calls: 0, checks: 0, sessions: 0, serving: true as boolean | undefined, address: "", release };
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    state.sessions++;
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    if (headers[":path"] !== HEALTH) {
      state.calls++;
      if (fault === "is silent") unanswered.add(stream);
      else act(fault, stream);
    } else if (state.serving !== undefined) {
      state.checks++;
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
