import type { CheckHead } from "../../services/rpc/grpc-frame.ts";

/** Refuses a message of an answer that is compressed, which was not asked for, or larger than `maxBytes`. */
export function checkAnswerHead(maxBytes: number): CheckHead {
  return (flags, length) => {
    if (flags !== 0) throw new Error("an answer is compressed, although that was not asked for");
    if (length > maxBytes) throw new Error(`an answer has ${length} bytes; ${maxBytes} are taken`);
  };
}
