import { countWithin } from "../process/count-within.ts";
import type { ReadMessage } from "./read-message.ts";

/** What a page of messages may weigh: less than the 4 MiB that gRPC clients take by default. */
const PAGE_BYTES = 3 * 1_048_576;
/** What an answer has of a message beside its bytes, as a snippet. */
const OVERHEAD_BYTES = 200;

/** How many of the first messages fit on a page, but at least one. */
export function countFitting(messages: readonly ReadMessage[]): number {
  return countWithin(
    messages.map(({ bytes }) => bytes.byteLength + OVERHEAD_BYTES),
    PAGE_BYTES,
  );
}
