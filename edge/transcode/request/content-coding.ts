import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { Refusal } from "../refusal.ts";

const decoders: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["br", createBrotliDecompress],
  ["deflate", createInflate],
]);

/**
 * A request's body without its content coding.
 *
 * @param encoding the header `Content-Encoding`
 * @throws Refusal unsupportedMediaType, which names the codings that are taken (RFC 9110, 15.5.16)
 */
export function decodeContent(raw: IncomingMessage, encoding: string | undefined): Readable {
  const coding = (encoding ?? "identity").trim().toLowerCase();
  if (coding === "identity" || coding === "") return raw;
  const createDecoder = decoders.get(coding);
  if (createDecoder !== undefined) return raw.pipe(createDecoder());
  const known = "gzip, br, deflate";
  throw new Refusal(
    "unsupportedMediaType",
    `the content-encoding "${coding}" is not taken; send one of ${known}, or none`,
    {
      "accept-encoding": known,
    },
  );
}
