import type { Interceptor } from "@connectrpc/connect";
import { BaseError } from "sequelize";
import { TooManyWaitingError } from "../process/turns.ts";
import { storeUnavailable, tooManyReads } from "../rpc/errors.ts";
import { QueueUnavailableError } from "../write-queue/write-queue.ts";

/**
 * A database or write queue that fails makes a call UNAVAILABLE, not an internal error: it may be repeated. So may, later, one whose
 * application has too many reads waiting: it is RESOURCE_EXHAUSTED.
 */
export function mapStoreErrors(): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof TooManyWaitingError) throw tooManyReads();
      if (error instanceof QueueUnavailableError) throw storeUnavailable("the write queue", error.cause);
      throw error instanceof BaseError ? storeUnavailable("the database", error) : error;
    }
  };
}
