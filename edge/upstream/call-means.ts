import type { CallLifetime } from "../../services/rpc/call-lifetime.ts";
import { serviceUnreachable } from "../../services/rpc/errors.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import type { RetryBudget } from "./retries.ts";

/** What calls are made with. */
export type CallMeans = {
  readonly pool: ConnectionPool;
  readonly budget: RetryBudget;
  /** Of one message of an answer. */
  readonly maxAnswerBytes: number;
  /** How long a call waits for a server, in milliseconds, where there is none. */
  readonly waitMs: number;
  /** Told of each attempt after the first. */
  readonly onRetry: () => void;
};

/**
 * The connection for the next attempt of a call, waited for where there is none. One that has failed is taken again only
 * where there is no other as good. Rejects with UNAVAILABLE after the wait, and as the call's lifetime ends it.
 */
export function findConnection(
  means: CallMeans,
  lifetime: CallLifetime,
  failed?: Connection,
): Connection | Promise<Connection> {
  return (
    means.pool.pick(failed) ??
    lifetime.race(
      () => awaitConnection(means),
      (thrown) => thrown,
    )
  );
}

async function awaitConnection({ pool, waitMs }: CallMeans): Promise<Connection> {
  const end = performance.now() + waitMs;
  for (let left = waitMs; left > 0; left = end - performance.now()) {
    await pool.nextChange(left);
    const connection = pool.pick();
    if (connection !== undefined) return connection;
  }
  throw serviceUnreachable();
}
