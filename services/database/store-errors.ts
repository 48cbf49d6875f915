import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { BaseError, DatabaseError } from "sequelize";
import { LateError } from "../process/in-time.ts";
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

/** Whether a look-up failed because the database is away or slow, or what is behind it: not where it was asked wrongly. */
export function isStoreAway(error: unknown): boolean {
  if (error instanceof ConnectError) return error.code === Code.Unavailable;
  if (error instanceof LateError || error instanceof QueueUnavailableError) return true;
  return error instanceof BaseError && !(error instanceof DatabaseError && isWrongStatement(error));
}

/** Whether a statement fails each time: MySQL's class 42 of states, and SQLite's code for the same. */
function isWrongStatement({ original }: DatabaseError): boolean {
  const { code, sqlState } = original as { code?: string; sqlState?: string };
  return code === "SQLITE_ERROR" || sqlState?.startsWith("42") === true;
}
