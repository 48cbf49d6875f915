import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { Code, type ContextValues, createContextValues } from "@connectrpc/connect";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { OpenCall } from "../connect/index.ts";
import { isSent } from "../transcode/index.ts";
import { outlineOf } from "./path-outline.ts";

/** A call that is over. */
export type EdgeCall = {
  /** `/parley.v1.ChatService/GetChat`; "" where the request was for no method. */
  method: string;
  protocol: EdgeProtocol;
  /** Undefined where it went well. Canceled where the caller left before the answer was sent, but a fault is Internal. */
  code: Code | undefined;
  /** Of the ErrorInfo that it was answered with. */
  reason: string | undefined;
  /** The fields for which it failed. */
  fields: string[] | undefined;
  /** Of a request that was for no method: its HTTP method, and the words of its path. */
  verb?: string;
  path?: string;
  /** Those of the call. */
  contextValues: ContextValues;
  /** From the request's headers to the end of its answer. */
  durationMs: number;
  requestId: string;
  traceparent: string | null;
  /** The caller's `address:port`; without a port where a trusted proxy tells the address. */
  peer: string;
};

export type EdgeProtocol = "rest" | "connect" | "grpc-web";

/** Where a request has its call: an entry of a WeakMap takes a microsecond more. */
const CALL = Symbol("call");
type Observed = IncomingMessage & { [CALL]?: OpenCall };

/** Follows every request for a call, and tells of it when it is over. One that is refused before any route counts too. */
export class CallObserver {
  readonly #onCall: (call: EdgeCall) => void;

  constructor(onCall: (call: EdgeCall) => void) {
    this.#onCall = onCall;
  }

  /** A request has come. From here on it has a request id, and so has its answer. */
  begin(reply: FastifyReply, protocol: EdgeProtocol, method = ""): OpenCall {
    const { request, raw } = reply;
    const start = performance.now();
    const contextValues = createContextValues();
    const call: OpenCall = { method, code: undefined, reason: undefined, fields: undefined, contextValues };
    const peer = peerOf(request);
    const traceparent = request.headers.traceparent?.toString() ?? null;
    (request.raw as Observed)[CALL] = call;
    request.raw.headers[REQUEST_ID] ??= randomUUID();
    reply.header(REQUEST_ID, request.raw.headers[REQUEST_ID]);
    raw.on("close", () => {
      const code = codeOf(call, raw);
      const requestId = readRequestId(reply);
      const target = call.method === "" ? targetOf(request) : undefined;
      const durationMs = performance.now() - start;
      this.#onCall({ ...call, ...target, protocol, code, durationMs, requestId, traceparent, peer });
    });
    return call;
  }

  /** The call that a request began. */
  of({ raw }: FastifyRequest): OpenCall | undefined {
    return (raw as Observed)[CALL];
  }

  /** The call that an answer is for. Where Fastify refused it before any route, it is one over REST, begun now. */
  find(reply: FastifyReply): OpenCall {
    return this.of(reply.request) ?? this.begin(reply, "rest");
  }
}

/** What a proxy tells is only an address; what else it passes on is its caller's text. */
function peerOf({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 || ip === socket.remoteAddress ? `${socket.remoteAddress}:${socket.remotePort}` : ip;
}

const REQUEST_ID = "x-request-id";

const PRINTABLE = /^[ -~]*$/;

/** Characters of an id in a log. A refused request has its caller's id, however long. */
const MAX_REQUEST_ID = 128;

function targetOf({ method, raw }: FastifyRequest): { verb: string; path: string } {
  return { verb: method, path: outlineOf(raw.url ?? "") };
}

/** The id that the answer carries, which is another where the services did not take the caller's. */
function readRequestId(reply: FastifyReply): string {
  const id = String(reply.raw.getHeader(REQUEST_ID) ?? reply.getHeader(REQUEST_ID)).slice(0, MAX_REQUEST_ID);
  // Control characters of a terminal, among others.
  return PRINTABLE.test(id) ? id : id.replaceAll(/[^ -~]/g, "?");
}

function codeOf({ code }: OpenCall, response: ServerResponse): Code | undefined {
  // A fault ends an answer too.
  if (!isSent(response)) return code === Code.Internal ? code : Code.Canceled;
  return code ?? (response.statusCode < 400 ? undefined : Code.Internal);
}
