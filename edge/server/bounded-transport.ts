import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Transport } from "@connectrpc/connect";
import { errorInfo } from "../api/refusal-reasons.ts";
import { edgeError } from "../connect/index.ts";
import { Refusal } from "../transcode/index.ts";
import type { UnsentBytes } from "./unsent-bytes.ts";

/**
 * A transport that refuses calls, and gives up answers that are made, while the answers that nobody reads hold more
 * than `maxBytes`: RESOURCE_EXHAUSTED.
 */
export function boundTransport(transport: Transport, unsent: UnsentBytes, maxBytes: number): Transport {
  const check = () => {
    if (unsent.total <= maxBytes) return;
    const message = "too much waits to be read by callers; read the answers, and repeat the call later, with back-off";
    throw edgeError(errorInfo, new Refusal("tooManyRequests", message));
  };
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      check();
      const answer = await transport.unary(method, signal, timeoutMs, header, input, contextValues);
      // A write has been done, and its caller must hear of it; its answer is as small as its request.
      if (method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) check();
      return answer;
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      check();
      return transport.stream(method, signal, timeoutMs, header, input, contextValues);
    },
  };
}
