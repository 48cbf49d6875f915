import type { Attributes, Model, ModelStatic, Transaction } from "sequelize";
import { CHAT_MUTABLE_COLUMNS, type ChatRow } from "../chat/chat-model.ts";
import type { Database } from "../database/database.ts";
import { MESSAGE_MUTABLE_COLUMNS } from "../message/message-model.ts";
import type { BatchRows, Tracked } from "./batch-rows.ts";
import { persistApplication } from "./persist-application.ts";
import { chunkRows } from "./row-chunks.ts";

type Upsert = { keys: string[]; columns: string[] };

const CHAT_UPSERT: Upsert = { keys: ["application", "number"], columns: CHAT_MUTABLE_COLUMNS };
const MESSAGE_UPSERT: Upsert = { keys: ["application", "chat", "number"], columns: MESSAGE_MUTABLE_COLUMNS };
const REQUEST_UPSERT: Upsert = {
  keys: ["application", "collection", "principal", "request_id"],
  columns: ["digest", "resource", "create_time"],
};

/** Multi-row INSERTs; with `upsert`, rows that exist get its columns anew. */
async function insert(
  model: ModelStatic<Model>,
  rows: readonly object[],
  transaction: Transaction,
  upsert?: Upsert,
): Promise<void> {
  const columns = Object.entries(model.getAttributes()).map(([attribute, { field }]) => [attribute, field!] as const);
  const toColumns = (row: object) =>
    Object.fromEntries(columns.map(([attribute, field]) => [field, row[attribute as keyof typeof row]]));
  const conflict = upsert && { updateOnDuplicate: upsert.columns, upsertKeys: upsert.keys };
  const query = model.sequelize!.getQueryInterface();
  for (const chunk of chunkRows(rows)) {
    await query.bulkInsert(model.getTableName(), chunk.map(toColumns), { transaction, ...conflict } as object);
  }
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
    insert(model, list, transaction, upsert);
  await write(database.chats, inState(rows.chats, "new"));
  await write(database.chats, inState(rows.chats, "changed").sort(byKey), CHAT_UPSERT);
  await write(database.messages, inState(rows.messages, "new"));
  await write(database.messages, inState(rows.messages, "changed"), MESSAGE_UPSERT);
  await write(database.createRequests, inState(rows.requests, "new"));
  await write(database.createRequests, inState(rows.requests, "changed"), REQUEST_UPSERT);
  await write(database.outbox, rows.verdicts);
  for (const application of inState(rows.applications, "changed")) {
    await persistApplication(database, application, transaction);
  }
}
