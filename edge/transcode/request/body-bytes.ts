import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import { ConnectError } from "@connectrpc/connect";
import type { FastifyRequest } from "fastify";
import { callerGone } from "../caller-gone.ts";
import { isConnectionError } from "../connection-error.ts";
import { malformed, Refusal } from "../refusal.ts";
import { decodeContent } from "./content-coding.ts";

/** Whether a request has a body, which may be empty. */
export function hasBody({ raw, headers }: FastifyRequest): boolean {
  const { stream } = raw as { stream?: ServerHttp2Stream };
  if (stream !== undefined) return !stream.endAfterHeaders;
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/**
 * Reads a request's body, at most so many bytes, as sent and decoded.
 *
 * @throws Refusal requestTooLarge, unsupportedMediaType for a content coding that is not known, malformedRequest
 */
export function readBody({ raw, headers }: FastifyRequest, limit: number): Promise<Uint8Array> {
  const tooLarge = () => createTooLarge(limit, raw.httpVersionMajor);
  if (Number(headers["content-length"]) > limit) throw tooLarge();
  return collect(raw, decodeContent(raw, headers["content-encoding"]), limit, tooLarge);
}

/**
 * The body's bytes as they come. A caller who goes before the end ends them with an error, and so does one who sends
 * `limit` of bytes that decode to nothing.
 */
export async function* readChunks({ raw, headers }: FastifyRequest, limit: number): AsyncGenerator<Uint8Array> {
  const decoded = decodeContent(raw, headers["content-encoding"]);
  const cut = () => void (raw.readableEnded || decoded.destroy(callerGone()));
  raw.once("close", cut);
  const tooLarge = () => createTooLarge(limit, raw.httpVersionMajor);
  const wire = decoded === raw ? undefined : new WireLimit(raw, limit, () => decoded.destroy(tooLarge()));
  try {
    for await (const chunk of decoded.iterator({ destroyOnReturn: false })) {
      wire?.begin();
      yield chunk;
    }
  } catch (error) {
    throw toBodyError(error);
  } finally {
    raw.off("close", cut);
    wire?.end();
    // What nobody reads is dropped: no other request of the connection is read before.
    raw.resume();
  }
}

/** Counts the bytes of a compressed body as they are sent: one of any length can decode to nothing. */
class WireLimit {
  readonly #raw: IncomingMessage;
  readonly #count: (chunk: Uint8Array) => void;
  #size = 0;

  constructor(raw: IncomingMessage, limit: number, exceed: () => void) {
    this.#raw = raw;
    this.#count = (chunk) => {
      this.#size += chunk.length;
      if (this.#size > limit) exceed();
    };
    raw.on("data", this.#count);
  }

  /** Begins to count anew. */
  begin(): void {
    this.#size = 0;
  }

  end(): void {
    this.#raw.off("data", this.#count);
  }
}

/** The rest of the body is not worth the connection; one of HTTP/2 has other requests, and no such header. */
export function createTooLarge(limit: number, httpVersionMajor: number, what = "the body"): Refusal {
  const headers: Record<string, string> = httpVersionMajor < 2 ? { connection: "close" } : {};
  return new Refusal("requestTooLarge", `${what} is larger than ${limit} bytes`, headers);
}

/** What follows the limit is still read, and dropped: a caller who is busy sending sees the answer. */
function collect(raw: IncomingMessage, stream: Readable, limit: number, tooLarge: () => Refusal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const wire = stream === raw ? undefined : new WireLimit(raw, limit, () => stop(tooLarge()));
    const fail = (error: unknown) => {
      wire?.end();
      if (stream !== raw) raw.unpipe().resume();
      reject(toBodyError(error));
    };
    const stop = (error: unknown) => {
      fail(error);
      if (stream !== raw) stream.destroy();
    };
    stream.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else stop(tooLarge());
    });
    stream.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    stream.on("error", fail);
    raw.on("error", () => fail(callerGone()));
    raw.on("close", () => void (raw.readableEnded || fail(callerGone())));
  });
}

/** An error of zlib or of the connection is the caller's. */
function toBodyError(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (error instanceof Refusal || error instanceof ConnectError) return error;
  if (isConnectionError(error)) return callerGone();
  if (!/^(Z_|ERR__?(BROTLI|ERROR|ZSTD))/.test(String(code))) return error;
  return malformed("the body is not what its content-encoding says");
}
