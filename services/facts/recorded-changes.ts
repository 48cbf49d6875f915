import { randomUUID } from "node:crypto";
import { type Attributes, Op, type Transaction } from "sequelize";
import type { Database } from "../database/database.ts";
import { removeRows } from "../database/remove-rows.ts";
import type { FactChangeRow } from "./fact-change-model.ts";
import type { FactChange } from "./facts.ts";

/** A change that was written down. */
export type RecordedChange = { id: string; change: FactChange };

/** How long a change is kept beyond the time for which facts are believed, in milliseconds. */
const GRACE_MS = 5 * 60_000;

/**
 * Writes down what a transaction changes, so that every process forgets it, even where the one that made the change ends
 * before it has told the others, or cannot.
 */
export async function recordChanges(
  { factChanges }: Database,
  changes: readonly FactChange[],
  transaction: Transaction,
): Promise<void> {
  if (changes.length === 0) return;
  const time = Date.now();
  const rows = changes.map((change) => ({ time, id: randomUUID(), ...placeOf(change) }));
  await factChanges.bulkCreate(rows, { transaction });
}

/** What a row says that changed. */
export function changeFromRow({ application, chat, user }: Attributes<FactChangeRow>): FactChange {
  if (chat === null) return user === null ? { kind: "application", application } : { kind: "user", application, user };
  const name = { application, chat };
  return user === null ? { kind: "chat", chat: name } : { kind: "member", chat: name, user };
}

/**
 * Removes changes of which no fact can be held any more.
 *
 * @param ttlMs how long facts are believed at most, in milliseconds
 */
export async function removeRecorded({ factChanges }: Database, ttlMs: number): Promise<void> {
  await removeRows(factChanges, { time: { [Op.lt]: Date.now() - ttlMs - GRACE_MS } });
}

function placeOf(change: FactChange): Pick<Attributes<FactChangeRow>, "application" | "chat" | "user"> {
  switch (change.kind) {
    case "application":
      return { application: change.application, chat: null, user: null };
    case "user":
      return { application: change.application, chat: null, user: change.user };
    case "chat":
      return { ...change.chat, user: null };
    case "member":
      return { application: change.chat.application, chat: change.chat.chat, user: change.user };
  }
}
