import type { Interceptor } from "@connectrpc/connect";
import { BaseError } from "sequelize";
import { storeUnavailable } from "../rpc/errors.ts";

/** A database that fails makes a call UNAVAILABLE, not an internal error: it may be repeated. */
export function mapStoreErrors(): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      throw error instanceof BaseError ? storeUnavailable("the database", error) : error;
    }
  };
}
