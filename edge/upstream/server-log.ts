import type { Logger } from "pino";
import type { ConnectionPoolOptions } from "./connection-pool.ts";

/** Logs what changes at the servers; of one that stays away, the first attempt to reach it. */
export function createServerLog(log: Logger): NonNullable<ConnectionPoolOptions["onNews"]> {
  const failing = new Set<string>();
  return (server, news, err) => {
    if (news === "away" && err !== undefined) {
      if (!failing.has(server)) log.warn({ server, err }, "a server cannot be reached; it will be tried again");
      failing.add(server);
    } else if (news === "away") log.warn({ server }, "the connection to a server has ended");
    else if (news === "refusing" || news === "silent") log.warn({ server }, `a server is ${news}`);
    else {
      failing.delete(server);
      log.info({ server }, GOOD_NEWS[news]);
    }
  };
}

const GOOD_NEWS = {
  serving: "a server takes calls",
  found: "the name of servers can be looked up again",
  gone: "an address is no server's any more",
};
