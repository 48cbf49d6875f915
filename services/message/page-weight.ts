import type { Message } from "../../gen/parley/v1/message_pb.ts";
import { countWithin } from "../process/count-within.ts";

/** What a page of messages may weigh: less than the 4 MiB that gRPC clients take by default. */
const PAGE_BYTES = 3 * 1_048_576;
/** What a message weighs beside its texts. */
const OVERHEAD_BYTES = 400;

function weigh({ content, metadata }: Message): number {
  let bytes = OVERHEAD_BYTES + Buffer.byteLength(content.value ?? "");
  for (const key in metadata) bytes += Buffer.byteLength(key) + Buffer.byteLength(metadata[key]!);
  return bytes;
}

/** How many of the first messages fit on a page, but at least one. */
export function countFitting(messages: readonly Message[]): number {
  return countWithin(messages.map(weigh), PAGE_BYTES);
}
