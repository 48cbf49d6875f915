import type { Attributes, Transaction } from "sequelize";
import { type ChatName, formatChatName, formatMessageName, formatUserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { createRequestKey } from "../numbering/create-request-model.ts";
import type { UserRow } from "../user/user-model.ts";
import type { BatchReferences, BatchRows, Tracked } from "./batch-rows.ts";
import { loadMembers } from "./load-members.ts";
import { MemberRows } from "./member-rows.ts";

/**
 * Loads what a batch refers to: for each table one query, or a few where it refers to much. Applications are also
 * changed by others than the writer, so they are locked.
 */
export async function loadBatchRows(
  database: Database,
  references: BatchReferences,
  transaction: Transaction,
): Promise<BatchRows> {
  const applications = await loadApplications(database, references, transaction);
  const members = await loadMembers(database, references, transaction);
  const chats = await loadChats(database, references, members, transaction);
  const messages = await loadMessages(database, references, transaction);
  const users = await loadUsers(database, references, transaction);
  const requests = await findByKeys(database.createRequests, references.requests, { transaction });
  const mutations = references.mutations.map((id) => ({ id }));
  const judged = await findByKeys(database.outbox, mutations, { transaction });
  return {
    applications,
    chats,
    messages,
    created: [],
    mutated: references.messages,
    users,
    members: new MemberRows(members),
    requests: stored(requests, createRequestKey),
    judged: new Set(judged.map(({ id }) => id)),
    verdicts: [],
    dropped: [],
    released: [],
    forgotten: [],
  };
}

async function loadApplications(
  { applications }: Database,
  references: BatchReferences,
  transaction: Transaction,
): Promise<BatchRows["applications"]> {
  const tokens = new Set(references.applications.map(({ application }) => application));
  const keys = [...tokens].sort().map((token) => ({ token }));
  const rows = await findByKeys(applications, keys, { where: { deleteTime: null }, transaction, lock: true });
  return stored(rows, ({ token }) => token);
}

/** Also those of members, as a user who is gone has chats that no write names. */
async function loadChats(
  { chats }: Database,
  references: BatchReferences,
  members: readonly ChatName[],
  transaction: Transaction,
): Promise<BatchRows["chats"]> {
  const names = new Map(references.chats);
  for (const { application, chat } of members) names.set(formatChatName({ application, chat }), { application, chat });
  const keys = Array.from(names.values(), ({ application, chat }) => ({ application, number: chat }));
  const rows = await findByKeys(chats, keys, { where: { deleteTime: null }, transaction });
  return stored(rows, (row) => formatChatName({ application: row.application, chat: row.number }));
}

async function loadMessages(
  { messages }: Database,
  references: BatchReferences,
  transaction: Transaction,
): Promise<BatchRows["messages"]> {
  const keys = Array.from(references.messages.values(), ({ application, chat, message }) => ({
    application,
    chat,
    number: message,
  }));
  const rows = await findByKeys(messages, keys, { transaction });
  return stored(rows, (row) => formatMessageName({ ...row, message: row.number }));
}

async function loadUsers(
  { users }: Database,
  references: BatchReferences,
  transaction: Transaction,
): Promise<ReadonlyMap<string, Attributes<UserRow>>> {
  const keys = Array.from(references.users.values(), ({ application, user }) => ({ application, id: user }));
  const rows = await findByKeys(users, keys, { where: { deleteTime: null }, transaction });
  return new Map(rows.map((row) => [formatUserName({ application: row.application, user: row.id }), row]));
}

function stored<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Tracked<Row>> {
  return new Map(rows.map((row) => [key(row), { row, state: "stored" }]));
}
