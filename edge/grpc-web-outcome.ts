import type { Code } from "@connectrpc/connect";
import { trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";

/** Flags and length of an envelope, in bytes. */
const ENVELOPE_HEAD = 5;

/**
 * Passes an answer of gRPC-Web on, each chunk an envelope, and tells of the code in its trailer where that is an error:
 * the HTTP status is 200 even for what was refused before there was a call.
 */
export async function* tellOutcome(
  body: AsyncIterable<Uint8Array>,
  onError: (code: Code) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    // One that is compressed has more than the words of a refusal.
    if (chunk[0] === trailerFlag) {
      const status = Number(trailerParse(chunk.subarray(ENVELOPE_HEAD)).get("grpc-status"));
      if (status > 0) onError(status as Code);
    }
    yield chunk;
  }
}
