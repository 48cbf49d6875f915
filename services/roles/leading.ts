import type { Database } from "../database/database.ts";
import { lead } from "../database/leadership.ts";
import { Lease } from "../database/lease.ts";
import type { RoleContext } from "./role.ts";

/** Does the work of a role of which one process is at work, whenever that is this one, until `opened` ends it. */
export function leadRole(
  { settings, log, opened }: RoleContext,
  database: Database,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
): void {
  const stop = new AbortController();
  const lease = new Lease(database, { name, ttlMs: settings.LEASE_TTL });
  const failed = (err: unknown, waitMs: number) =>
    log.error({ err, waitMs }, `the ${name}'s lease cannot be had; it will be tried again`);
  const leading = lead(lease, { work, failed }, stop.signal);
  opened.defer(async () => {
    stop.abort();
    await leading;
  });
}
