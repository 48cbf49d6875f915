import { setImmediate as nextTurn } from "node:timers/promises";
import type { Attributes, Model, ModelStatic, Transaction } from "sequelize";
import { CHAT_MUTABLE_COLUMNS, type ChatRow } from "../chat/chat-model.ts";
import type { Database } from "../database/database.ts";
import { insertStatement, type Upsert } from "../database/insert-statement.ts";
import { removeByKeys } from "../database/remove-by-keys.ts";
import { MEMBER_MUTABLE_COLUMNS } from "../member/member-model.ts";
import { MESSAGE_MUTABLE_COLUMNS } from "../message/message-model.ts";
import type { BatchRows, Tracked } from "./batch-rows.ts";
import { persistApplication } from "./persist-application.ts";
import { persistReleases } from "./release-support.ts";
import { chunkRows } from "./row-chunks.ts";

const CHAT_UPSERT: Upsert = { keys: ["application", "number"], columns: CHAT_MUTABLE_COLUMNS };
const MESSAGE_UPSERT: Upsert = { keys: ["application", "chat", "number"], columns: MESSAGE_MUTABLE_COLUMNS };
const MEMBER_UPSERT: Upsert = { keys: ["application", "chat", "user"], columns: MEMBER_MUTABLE_COLUMNS };
const REQUEST_UPSERT: Upsert = {
  keys: ["application", "collection", "principal", "request_id"],
  columns: ["digest", "resource", "create_time"],
};

/** Multi-row INSERTs. While the database executes one, the next is written. */
async function insert(
  database: Database,
  model: ModelStatic<Model>,
  rows: readonly object[],
  transaction: Transaction,
  upsert?: Upsert,
): Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  for (const chunk of chunkRows(rows)) {
    const statement = insertStatement(model, chunk, upsert);
    await underWay;
    underWay = database.execute(statement, transaction);
    // It is awaited later; until then nobody else hears of its failure.
    underWay.catch(() => undefined);
    await nextTurn();
  }
  await underWay;
}

function inState<Row>(rows: ReadonlyMap<string, Tracked<Row>>, state: Tracked<Row>["state"]): Row[] {
  return [...rows.values()].filter((tracked) => tracked.state === state).map(({ row }) => row);
}

/** The order of the primary key: whoever changes many chats does so in it, and none waits for the other in a circle. */
function byKey(one: Attributes<ChatRow>, other: Attributes<ChatRow>): number {
  if (one.application !== other.application) return one.application < other.application ? -1 : 1;
  return one.number - other.number;
}

/** Writes what a batch changed: a multi-row statement a table. A row that should be new and is not is an error. */
export async function persistRows(database: Database, rows: BatchRows, transaction: Transaction): Promise<void> {
  const write = (model: ModelStatic<Model>, list: readonly object[], upsert?: Upsert) =>
    insert(database, model, list, transaction, upsert);
  await write(database.chats, inState(rows.chats, "new"));
  await write(database.chats, inState(rows.chats, "changed").sort(byKey), CHAT_UPSERT);
  await persistReleases(database, rows.released, transaction);
  await write(database.messages, rows.created);
  await write(database.messages, inState(rows.messages, "changed"), MESSAGE_UPSERT);
  await write(database.members, rows.members.changed, MEMBER_UPSERT);
  const gone = rows.members.removed.map(({ application, chat, user }) => ({ application, chat, user }));
  await removeByKeys(database.members, gone, transaction);
  await write(database.createRequests, inState(rows.requests, "new"));
  await write(database.createRequests, inState(rows.requests, "changed"), REQUEST_UPSERT);
  await write(database.outbox, rows.verdicts);
  for (const application of inState(rows.applications, "changed")) {
    await persistApplication(database, application, transaction);
  }
}
