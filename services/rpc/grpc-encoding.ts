import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { malformedRequest } from "./call-error.ts";
import { requestTooLarge, rpcError } from "./errors.ts";

/** The value of `grpc-accept-encoding`. */
export const ACCEPTED_ENCODINGS = "identity,deflate,gzip";

const decompressors = new Map([
  ["gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
]);

/**
 * The bytes of a compressed message. Rejects with INVALID_ARGUMENT where they are not what `encoding` says, or it says
 * nothing; with RESOURCE_EXHAUSTED where they become more than `maxBytes`; with UNIMPLEMENTED where it is not known.
 */
export async function decompress(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (encoding === "identity") throw malformedRequest("a message is compressed, and grpc-encoding does not say how");
  const run = decompressors.get(encoding);
  if (run === undefined) throw unknownEncoding(encoding);
  try {
    return await run(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw requestTooLarge(maxBytes);
    throw malformedRequest(`a message cannot be decompressed by ${encoding}`, error);
  }
}

function unknownEncoding(encoding: string): ConnectError {
  const message = `grpc-encoding ${encoding} is not known here; ${ACCEPTED_ENCODINGS} are`;
  const error = rpcError(Code.Unimplemented, ErrorReason.MALFORMED_REQUEST, message);
  error.metadata.set("grpc-accept-encoding", ACCEPTED_ENCODINGS);
  return error;
}
