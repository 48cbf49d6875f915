import { Agent } from "node:http";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import type { Addresses } from "../../protocols.ts";
import { exchange, type RawAnswer } from "../../rest-transport.ts";
import { type Outcome, readOutcome } from "./wire-answer.ts";
import type { Way, WireRequest } from "./wire-request.ts";

/** Sends requests as they are: those of gRPC over one HTTP/2 session, all others over kept HTTP/1.1 connections. */
export type WireCaller = {
  /** Rejects where no answer has come in time, or the connection is gone before it. */
  send(way: Way, request: WireRequest): Promise<Outcome>;
  close(): void;
};

/** Beyond every deadline that a request may name; what takes longer hangs. */
const ANSWER_TIMEOUT_MS = 15_000;

export function openWireCaller({ address, grpcAddress }: Addresses): WireCaller {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let session: ClientHttp2Session | undefined;
  const openSession = () => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    session = connect(`http://${grpcAddress}`);
    session.on("error", () => undefined);
    return session;
  };
  return {
    async send(way, { httpMethod: method, target, headers, body }) {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      if (way !== "grpc") {
        return readOutcome(way, await exchange(address + target, { agent, method, headers, body, signal }));
      }
      const all = { ":method": method, ":path": target, ...headers };
      return readOutcome(way, await exchangeOverHttp2(openSession(), all, body, signal));
    },
    close() {
      agent.destroy();
      session?.destroy();
    },
  };
}

/** One request over a session; the answer's trailers are put among its headers. */
function exchangeOverHttp2(
  session: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { signal });
    const received = new Headers();
    const chunks: Buffer[] = [];
    const keep = (fields: IncomingHttpHeaders) => {
      for (const [name, value] of Object.entries(fields)) {
        if (!name.startsWith(":")) received.append(name, String(value));
      }
    };
    let status = 0;
    stream.on("response", (fields) => {
      status = Number(fields[":status"]);
      keep(fields);
    });
    stream.on("trailers", keep);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      if (status === 0) reject(new Error(`the stream was closed with ${stream.rstCode} before an answer`));
      else resolve({ status, headers: received, body: Buffer.concat(chunks) });
    });
    stream.end(body);
  });
}
