import { Code, ConnectError } from "@connectrpc/connect";
import { type Compression, envelopeDecompress } from "@connectrpc/connect/protocol";
import { endStreamFromJson, errorFromJsonBytes } from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";

/** Flags and length of an envelope, in bytes. */
const ENVELOPE_HEAD = 5;

/** The flags of a message, compressed or not; any other ends a stream. */
const MAX_MESSAGE_FLAGS = 1;

/** What connect makes of an error is not large; only a limit has to be named. */
const MAX_BYTES = 2 ** 31 - 1;

/** Whether an envelope is the last one of its stream. */
export function isEnd(envelope: Uint8Array): boolean {
  return envelope[0]! > MAX_MESSAGE_FLAGS;
}

/** The error in the last envelope of a stream of Connect or gRPC-Web; undefined where it went well. */
export async function readEndError(envelope: Uint8Array, header: Headers): Promise<ConnectError | undefined> {
  const framed = { flags: envelope[0]!, data: envelope.subarray(ENVELOPE_HEAD) };
  const compression = findCompression(header.get("grpc-encoding") ?? header.get("connect-content-encoding"));
  const { flags, data } = await envelopeDecompress(framed, compression, MAX_BYTES);
  return flags === trailerFlag ? findTrailerError(trailerParse(data)) : endStreamFromJson(data).error;
}

/** The error that is the body of an answer to a unary call of Connect. */
export async function readUnaryError(body: Uint8Array, header: Headers): Promise<ConnectError> {
  const compression = findCompression(header.get("content-encoding"));
  const json = compression === null ? body : await compression.decompress(body, MAX_BYTES);
  return errorFromJsonBytes(json, header, new ConnectError("", Code.Internal));
}

function findCompression(name: string | null): Compression | null {
  return [compressionGzip, compressionBrotli].find((compression) => compression.name === name) ?? null;
}
