import type { Logger } from "pino";
import type { ConnectionPoolOptions } from "./connection-pool.ts";

/** Logs the states of servers as they change; of one that stays away, the first attempt to reach it. */
export function createServerLog(log: Logger): NonNullable<ConnectionPoolOptions["onState"]> {
  const failing = new Set<string>();
  return (server, state, err) => {
    if (state === "serving") {
      failing.delete(server);
      log.info({ server }, "a server takes calls");
    } else if (state !== "away") log.warn({ server }, `a server is ${state}`);
    else if (err === undefined) log.warn({ server }, "the connection to a server has ended");
    else if (!failing.has(server)) {
      failing.add(server);
      log.warn({ server, err }, "a server cannot be reached; it will be tried again");
    }
  };
}
