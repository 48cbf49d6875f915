import { literal, type Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { BatchRows } from "./batch-rows.ts";
import { type Change, revise } from "./judgement.ts";

/** Takes from an agent who is gone every support session, closed ones too: whoever opens one finds it in the queue. */
export function releaseSessions(rows: BatchRows, { application, user }: UserName, change: Change): void {
  for (const tracked of rows.chats.values()) {
    const { row } = tracked;
    if (row.application !== application || row.supportAgent !== user || row.deleteTime !== null) continue;
    row.supportAgent = null;
    revise(tracked, change);
  }
  rows.released.push({ application, user });
}

/** The same of the sessions that the batch did not load, once those that it did are written. */
export async function persistReleases(
  { chats }: Database,
  released: readonly UserName[],
  transaction: Transaction,
): Promise<void> {
  for (const { application, user } of released) {
    const values = { supportAgent: null, revision: literal("revision + 1") };
    await chats.update(values, { where: { application, supportAgent: user }, transaction });
  }
}
