import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";
import { ConnectError } from "@connectrpc/connect";
import type { FastifyRequest } from "fastify";
import { callerGone } from "../caller-gone.ts";
import { malformed, Refusal } from "../refusal.ts";
import { decodeContent } from "./content-coding.ts";

/** Whether a request has a body, which may be empty. */
export function hasBody({ raw, headers }: FastifyRequest): boolean {
  const { stream } = raw as { stream?: ServerHttp2Stream };
  if (stream !== undefined) return !stream.endAfterHeaders;
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/**
 * Reads a request's body, at most the route's `bodyLimit` of bytes, as sent and decoded.
 *
 * @throws Refusal requestTooLarge, unsupportedMediaType for a content coding that is not known, malformedRequest
 */
export function readBody(request: FastifyRequest): Promise<Uint8Array> {
  const { raw, headers, routeOptions } = request;
  const limit = routeOptions.bodyLimit;
  const tooLarge = () => createTooLarge(limit, raw.httpVersionMajor);
  if (Number(headers["content-length"]) > limit) throw tooLarge();
  return collect(raw, decodeContent(raw, headers["content-encoding"]), limit, tooLarge);
}

/** The body's bytes as they come. A caller who goes before the end ends them with an error. */
export async function* readChunks({ raw, headers }: FastifyRequest): AsyncGenerator<Uint8Array> {
  const decoded = decodeContent(raw, headers["content-encoding"]);
  const cut = () => void (raw.readableEnded || decoded.destroy(callerGone()));
  raw.once("close", cut);
  try {
    yield* decoded.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw toBodyError(error);
  } finally {
    raw.off("close", cut);
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
    const fail = (error: unknown) => {
      if (stream !== raw) raw.unpipe().resume();
      reject(toBodyError(error));
    };
    stream.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else {
        fail(tooLarge());
        if (stream !== raw) stream.destroy();
      }
    });
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("error", fail);
    raw.on("error", () => fail(callerGone()));
    raw.on("close", () => void (raw.readableEnded || fail(callerGone())));
  });
}

/** An error of zlib is the caller's. */
function toBodyError(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (error instanceof Refusal || error instanceof ConnectError) return error;
  if (!/^(Z_|ERR__?(BROTLI|ERROR|ZSTD))/.test(String(code))) return callerGone();
  return malformed("the body is not what its content-encoding says");
}
