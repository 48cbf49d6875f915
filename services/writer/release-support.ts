import { literal, type Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { BatchRows } from "./batch-rows.ts";
import { type Change, revise } from "./judgement.ts";

/** An agent who is gone, and when that was judged. */
export type Release = UserName & Change;

/** Sessions that one statement takes from an agent at most: it is answered in time, however many the agent has. */
const STEP_SESSIONS = 1_000;

/** Takes from an agent who is gone every support session, closed ones too: whoever opens one finds it in the queue. */
export function releaseSessions(rows: BatchRows, { application, user }: UserName, change: Change): void {
  for (const tracked of rows.chats.values()) {
    const { row } = tracked;
    if (row.application !== application || row.supportAgent !== user || row.deleteTime !== null) continue;
    row.supportAgent = null;
    revise(tracked, change);
  }
  rows.released.push({ application, user, ...change });
}

/** The same of the sessions that the batch did not load, once those that it did are written. */
export async function persistReleases(
  database: Database,
  released: readonly Release[],
  transaction: Transaction,
): Promise<void> {
  for (const release of released) {
    while ((await releaseSome(database, release, transaction)) === STEP_SESSIONS);
  }
}

/** A step, in the order of the index in which they are found; resolves with how many there were. */
async function releaseSome(
  { chats }: Database,
  { application, user, mark, timeMs }: Release,
  transaction: Transaction,
): Promise<number> {
  const found = await chats.findAll({
    attributes: ["number"],
    where: { application, supportAgent: user, deleteTime: null },
    order: ["supportStatus", "number"],
    limit: STEP_SESSIONS,
    raw: true,
    transaction,
  });
  if (found.length === 0) return 0;
  const updateTime = literal(`CASE WHEN update_time < ${timeMs} THEN ${timeMs} ELSE update_time END`);
  const values = { supportAgent: null, revision: literal("revision + 1"), updateTime, changeSeq: mark };
  await chats.update(values, { where: { application, number: found.map(({ number }) => number) }, transaction });
  return found.length;
}
