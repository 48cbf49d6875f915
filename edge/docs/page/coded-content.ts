import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type Coding, preferredCoding } from "../../transcode/index.ts";

/** Content that does not change, in the coding that a reader prefers (RFC 9110, 12.5.3). */
export type CodedContent = (acceptEncoding: string | undefined) => Promise<{
  readonly body: Buffer;
  /** The content coding; "identity" where it has none. */
  readonly coding: Coding;
}>;

/** Compresses a content at most once a coding, when it is first asked for. */
export function codedContent(content: Buffer): CodedContent {
  const coded = new Map<Coding, Promise<Buffer>>();
  return async (acceptEncoding) => {
    const coding = preferredCoding(acceptEncoding);
    const body = coded.get(coding) ?? compress[coding](content);
    coded.set(coding, body);
    return { body: await body, coding };
  };
}

/** The first reader waits for it: 11, the default, takes seconds where this takes less than a tenth of one. */
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const compress: Readonly<Record<Coding, (content: Buffer) => Promise<Buffer>>> = {
  br: (content) => brotli(content, quality),
  gzip: (content) => zip(content),
  identity: async (content) => content,
};
