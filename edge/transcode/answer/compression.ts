import { Readable, type Transform } from "node:stream";
import { promisify } from "node:util";
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from "node:zlib";
import { type Coding, preferredCoding } from "./preferred-coding.ts";

/** A body, and the content coding it has. */
export type Coded = { readonly body: string | Uint8Array | Readable; readonly coding: Coding };

/** Bytes below which a coding saves less than its headers and its time cost. */
const WORTHWHILE = 1_024;

/** What brotli is good for in the time that gzip takes; its own default is for files that are compressed once. */
const quality = { [constants.BROTLI_PARAM_QUALITY]: 4 };

const codings = {
  br: {
    all: promisify(brotliCompress),
    create: () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH, params: quality }),
    options: { params: quality },
  },
  gzip: { all: promisify(gzip), create: () => createGzip({ flush: constants.Z_SYNC_FLUSH }), options: {} },
} as const;

/** Content types that a coding makes smaller. */
const compressible = /^(text\/|application\/(.+\+)?(json|xml|javascript|x-ndjson|ndjson|jsonl|yaml)\b|image\/svg)/i;

/**
 * Compresses a body as `Accept-Encoding` prefers (RFC 9110, 12.5.3). A stream is flushed with each piece, so that
 * nothing waits for what follows.
 */
export async function compress(body: Coded["body"], acceptEncoding: string | string[] | undefined): Promise<Coded> {
  const coding = preferredCoding(acceptEncoding);
  if (coding === "identity") return { body, coding };
  const { all, create, options } = codings[coding];
  if (body instanceof Readable) return { body: through(body, create()), coding };
  return { body: await all(body, options), coding };
}

/** Whether a body is long enough, and of a type, to be compressed. */
export function isWorthwhile(body: Coded["body"], contentType: string): boolean {
  const long = body instanceof Readable || body.length >= WORTHWHILE;
  return long && compressible.test(contentType);
}

/** The end of either, however it comes, is that of both. */
function through(body: Readable, coder: Transform): Transform {
  body.once("error", (error) => coder.destroy(error));
  coder.once("close", () => body.destroy());
  return body.pipe(coder);
}
