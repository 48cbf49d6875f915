import type { Readable } from "node:stream";
import { Code, ConnectError } from "@connectrpc/connect";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../refusal.ts";

/**
 * Reads a request's body, at most the route's `bodyLimit` of bytes.
 *
 * @param request its `body`, where it has one, is the stream that the content-type parser left unread
 * @throws Refusal requestTooLarge
 */
export async function readBody(request: FastifyRequest): Promise<Uint8Array> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  const framed = length !== undefined || encoding !== undefined;
  if (!framed && request.raw.httpVersionMajor < 2) return new Uint8Array(0);
  const limit = request.routeOptions.bodyLimit;
  const tooLarge = () => createTooLarge(limit, request.raw.httpVersionMajor);
  if (Number(length) > limit) throw tooLarge();
  return collect((request.body as Readable | undefined) ?? request.raw, limit, tooLarge);
}

/** The rest of the body is not worth the connection; one of HTTP/2 has other requests, and no such header. */
function createTooLarge(limit: number, httpVersionMajor: number): Refusal {
  const headers: Record<string, string> = httpVersionMajor < 2 ? { connection: "close" } : {};
  return new Refusal("requestTooLarge", `the body is larger than ${limit} bytes`, headers);
}

/** What follows the limit is still read, and dropped: a caller who is busy sending sees the answer. */
function collect(stream: Readable, limit: number, tooLarge: () => Refusal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const cut = () => reject(new ConnectError("the request ended before its body did", Code.Canceled));
    stream.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limit) reject(tooLarge());
      else chunks.push(chunk);
    });
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("error", cut);
    stream.on("close", cut);
  });
}
