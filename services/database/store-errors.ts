import type { Interceptor } from "@connectrpc/connect";
import { BaseError } from "sequelize";
import { storeUnavailable } from "../rpc/errors.ts";
import { SqliteError } from "../sqlite/sqlite-connection.ts";

/** A database that fails makes a call UNAVAILABLE, not an internal error: it may be repeated. */
export function mapStoreErrors(): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof BaseError || error instanceof SqliteError) throw storeUnavailable("the database", error);
      throw error;
    }
  };
}
