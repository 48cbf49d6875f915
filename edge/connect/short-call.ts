import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { type DescMethodUnary, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type ContextValues, createContextKey, type Transport, type UnaryResponse } from "@connectrpc/connect";
import { type Compression, compressionNegotiate } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import type { FastifyReply, FastifyRequest } from "fastify";
import { abortOnDisconnect, decodeBody, isProtocolHeader, JsonReaders, JsonWriters } from "../transcode/index.ts";

/** A unary call of Connect as most clients make it. All others are left to connect. */
export type ShortCall = {
  readonly contentType: "application/json" | "application/proto";
  /** Milliseconds from the request's headers on; undefined where it has no deadline. */
  readonly timeoutMs: number | undefined;
  readonly startedAt: number;
};

/** The context value by which a forwarder finds the outcome of a call that was made already. */
export const outcomeKey = createContextKey<Promise<UnaryResponse> | undefined>(undefined);

/** Whether a request is one: a POST of one message, not compressed, that says how long it is, and is not too long. */
export function asShortCall({ method, headers }: FastifyRequest, maxRequestBytes: number): ShortCall | undefined {
  const { "content-type": contentType, "content-length": length, "connect-timeout-ms": timeout } = headers;
  if (method !== "POST" || (contentType !== "application/json" && contentType !== "application/proto"))
    return undefined;
  if (headers["content-encoding"] !== undefined || !(Number(length) <= maxRequestBytes)) return undefined;
  if (timeout !== undefined && !/^[1-9]\d{0,8}$/.test(String(timeout))) return undefined;
  const timeoutMs = timeout === undefined ? undefined : Number(timeout);
  return { contentType, timeoutMs, startedAt: performance.now() };
}

const COMPRESSIONS = [compressionGzip, compressionBrotli];

/** Bytes of an answer from which on connect compresses it. */
const COMPRESSED_FROM = 1_024;

/**
 * Makes calls between JSON or bytes and the transport, as connect's handler does, with the transcoder's reader and writer
 * of JSON. They are stricter than connect's: what they refuse is for connect to judge.
 */
export class ShortCalls {
  readonly #transport: Transport;
  readonly #readers = new JsonReaders({ ignoreUnknownFields: true });
  readonly #writers = new JsonWriters();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The message in a body; undefined where it cannot be read. */
  read({ contentType }: ShortCall, { input }: DescMethodUnary, body: Uint8Array): Message | undefined {
    try {
      if (contentType === "application/proto") return fromBinary(input, body);
      return this.#readers.readMessage(input, decodeBody(body));
    } catch {
      return undefined;
    }
  }

  /** Hands the call on. */
  make(
    call: ShortCall,
    method: DescMethodUnary,
    message: Message,
    reply: FastifyReply,
    values: ContextValues | undefined,
  ): Promise<UnaryResponse> {
    const { timeoutMs, startedAt } = call;
    const left = timeoutMs === undefined ? undefined : timeoutMs - (performance.now() - startedAt);
    const header = toCallHeaders(reply.request.headers);
    return this.#transport.unary(method, abortOnDisconnect(reply).signal, left, header, message, values);
  }

  /** What a message is sent as. @throws Error it has no JSON */
  write({ contentType }: ShortCall, { output }: DescMethodUnary, message: Message): string | Uint8Array {
    return contentType === "application/proto" ? toBinary(output, message) : this.#writers.message(output)(message);
  }
}

/** Answers a call that went well. Where that fails, the reply is as it was before. */
export async function sendAnswer(
  reply: FastifyReply,
  { contentType }: ShortCall,
  { header, trailer }: UnaryResponse,
  body: string | Uint8Array,
): Promise<void> {
  const headers: Record<string, string | string[]> = { "content-type": contentType };
  addHeaders(headers, header, "");
  addHeaders(headers, trailer, "trailer-");
  const coding = chooseCompression(reply.request.headers["accept-encoding"], body);
  if (coding !== null) headers["content-encoding"] = coding.name;
  const coded = coding === null ? body : await coding.compress(Buffer.from(body));
  try {
    reply.headers({ ...headers, "content-length": Buffer.byteLength(coded) });
    // Fastify would add a charset to the content type.
    reply
      .hijack()
      .raw.writeHead(200, reply.getHeaders() as OutgoingHttpHeaders)
      .end(coded);
  } catch (error) {
    for (const name of [...Object.keys(headers), "content-length"]) reply.removeHeader(name);
    throw error;
  }
}

/** Of a name that comes several times, as `set-cookie` can, all values. */
function addHeaders(headers: Record<string, string | string[]>, added: Headers, prefix: string): void {
  for (const [name, value] of added) {
    if (isProtocolHeader(name)) continue;
    const before = headers[prefix + name];
    headers[prefix + name] = before === undefined ? value : [before, value].flat();
  }
}

function chooseCompression(accepted: string | string[] | undefined, body: string | Uint8Array): Compression | null {
  if (accepted === undefined || Buffer.byteLength(body) < COMPRESSED_FROM) return null;
  return compressionNegotiate(COMPRESSIONS, null, String(accepted), "Accept-Encoding").response;
}

function toCallHeaders(headers: IncomingHttpHeaders): Headers {
  const call = new Headers();
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || isProtocolHeader(name)) continue;
    for (const each of Array.isArray(value) ? value : [value]) call.append(name, each);
  }
  return call;
}
