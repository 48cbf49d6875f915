import type { Interceptor } from "@connectrpc/connect";
import { BaseError } from "sequelize";
import { TooManyWaitingError } from "../process/turns.ts";
import { storeUnavailable, tooManyReads } from "../rpc/errors.ts";

/**
 * A database that fails makes a call UNAVAILABLE, not an internal error: it may be repeated. So may, later, one whose
 * application has too many reads waiting: it is RESOURCE_EXHAUSTED.
 */
export function mapStoreErrors(): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof TooManyWaitingError) throw tooManyReads();
      throw error instanceof BaseError ? storeUnavailable("the database", error) : error;
    }
  };
}
