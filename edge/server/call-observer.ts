import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Code } from "@connectrpc/connect";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isSent } from "./transcode/index.ts";

/** A call that is over. */
export type EdgeCall = {
  /** `/parley.v1.ChatService/GetChat`; "" where the request was for no method. */
  method: string;
  protocol: EdgeProtocol;
  /** Undefined where it went well; Canceled where the caller left before the answer was sent. */
  code: Code | undefined;
  /** From the request's headers to the end of its answer. */
  durationMs: number;
  requestId: string;
  traceparent: string | null;
  /** The caller's `address:port`; without a port where a trusted proxy tells the address. */
  peer: string;
};

export type EdgeProtocol = "rest" | "connect" | "grpc-web";

/** What is known of a call under way. Where no code is set, the HTTP status tells it. */
export type OpenCall = { method: string; code: Code | undefined };

/** Follows every request for a call, also one that is refused before it is one, and tells of it when it is over. */
export class CallObserver {
  readonly #open = new WeakMap<IncomingMessage, OpenCall>();
  readonly #onCall: (call: EdgeCall) => void;

  constructor(onCall: (call: EdgeCall) => void) {
    this.#onCall = onCall;
  }

  /** A request has come. From here on it has a request id, and so has its answer. */
  begin(reply: FastifyReply, protocol: EdgeProtocol, method = ""): OpenCall {
    const { request, raw } = reply;
    const start = performance.now();
    const call: OpenCall = { method, code: undefined };
    const peer = peerOf(request);
    const traceparent = request.headers.traceparent?.toString() ?? null;
    this.#open.set(request.raw, call);
    request.raw.headers[REQUEST_ID] ??= randomUUID();
    reply.header(REQUEST_ID, request.raw.headers[REQUEST_ID]);
    raw.once("close", () => {
      const code = codeOf(call, raw);
      const requestId = readRequestId(reply);
      this.#onCall({ ...call, protocol, code, durationMs: performance.now() - start, requestId, traceparent, peer });
    });
    return call;
  }

  /** The call that a request began. */
  of({ raw }: FastifyRequest): OpenCall | undefined {
    return this.#open.get(raw);
  }

  /** The call that an answer is for: one over REST, begun now, where Fastify refused it before any route. */
  find(reply: FastifyReply): OpenCall {
    return this.of(reply.request) ?? this.begin(reply, "rest");
  }
}

function peerOf({ ip, socket }: FastifyRequest): string {
  return ip === socket.remoteAddress ? `${ip}:${socket.remotePort}` : ip;
}

const REQUEST_ID = "x-request-id";

/** Characters of an id in a log; a refused request's is the caller's, however long. */
const MAX_REQUEST_ID = 128;

/** The id that the answer carries, which is another where the services did not take the caller's. */
function readRequestId(reply: FastifyReply): string {
  return String(reply.raw.getHeader(REQUEST_ID) ?? reply.getHeader(REQUEST_ID)).slice(0, MAX_REQUEST_ID);
}

function codeOf({ code }: OpenCall, response: ServerResponse): Code | undefined {
  const { statusCode } = response;
  if (!isSent(response)) return Code.Canceled;
  if (code !== undefined || statusCode < 400) return code;
  return codes.get(statusCode) ?? Code.Internal;
}

/** Of what Connect or Fastify refuses before there is a call; as in transcode, and in Connect's own answers. */
const codes: ReadonlyMap<number, Code> = new Map([
  [400, Code.InvalidArgument],
  [404, Code.Unimplemented],
  [405, Code.Unimplemented],
  [413, Code.ResourceExhausted],
  [415, Code.InvalidArgument],
  [429, Code.ResourceExhausted],
  [501, Code.Unimplemented],
  [505, Code.Unimplemented],
]);
