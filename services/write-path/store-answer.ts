import { NumberingUnavailableError } from "../numbering/numbering.ts";
import { storeUnavailable, tooManyPending } from "../rpc/errors.ts";
import { EpochOverError, QueueFullError, QueueUnavailableError } from "../write-queue/write-queue.ts";

/** What callers are told where a write could not be numbered or stored. A bug is not a store that is away. */
export function answerTo(error: unknown): unknown {
  if (error instanceof QueueFullError) return tooManyPending(error);
  if (error instanceof QueueUnavailableError) return storeUnavailable("the write queue", error.cause);
  if (error instanceof NumberingUnavailableError) return storeUnavailable("the store of the numbers", error.cause);
  return error instanceof EpochOverError ? storeUnavailable("the write queue", error) : error;
}
