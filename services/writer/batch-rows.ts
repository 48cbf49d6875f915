import type { Attributes, Transaction } from "sequelize";
import {
  type ApplicationName,
  type ChatName,
  formatChatName,
  formatMessageName,
  formatUserName,
  type MessageName,
  type UserName,
} from "../aip/resource-name.ts";
import type { ApplicationRow } from "../application/application-model.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import type { FactChange } from "../facts/facts.ts";
import type { MessageRow } from "../message/message-model.ts";
import { type CreateRequestRow, createRequestKey } from "../numbering/create-request-model.ts";
import type { UserRow } from "../user/user-model.ts";
import { loadMembers, type MemberReferences } from "./load-members.ts";
import { MemberRows } from "./member-rows.ts";
import type { OutboxRow } from "./outbox-model.ts";
import type { Release } from "./release-sessions.ts";

/** A row with what has to be done with it. */
export type Tracked<Row> = { row: Row; state: "stored" | "new" | "changed" };

/** What a batch's writes refer to. */
export type BatchReferences = MemberReferences & {
  applications: ApplicationName[];
  /** By their names, as messages are. */
  chats: Map<string, ChatName>;
  /** Those that mutations name. */
  messages: Map<string, MessageName>;
  /** Those whose roles decide. */
  users: Map<string, UserName>;
  requests: Omit<Attributes<CreateRequestRow>, "digest" | "resource" | "createTime">[];
  mutations: string[];
};

/** The rows that a batch reads and writes, by their names; what is not there does not exist. */
export type BatchRows = {
  applications: Map<string, Tracked<Attributes<ApplicationRow>>>;
  chats: Map<string, Tracked<Attributes<ChatRow>>>;
  /** Those that the batch's mutations name. */
  messages: Map<string, Tracked<Attributes<MessageRow>>>;
  /** New messages, those in `messages` too. */
  created: Attributes<MessageRow>[];
  /** Names of the messages that mutations name, whether they exist or not. */
  mutated: ReadonlyMap<string, unknown>;
  /** Users whose roles decide, by their names, as the database has them; those who are deleted are not there. */
  users: ReadonlyMap<string, Attributes<UserRow>>;
  members: MemberRows;
  requests: Map<string, Tracked<Attributes<CreateRequestRow>>>;
  /** Ids of mutations that were judged before. */
  judged: Set<string>;
  verdicts: Attributes<OutboxRow>[];
  /** Chats that are gone: creates in them were dropped. */
  dropped: ChatName[];
  /** Agents who are gone, and have no support sessions any more. */
  released: Release[];
  /** Facts that changed beside those that the verdicts tell of. */
  forgotten: FactChange[];
};

/** The row under a name, unless it is deleted. */
export function findLive<Row extends { deleteTime?: number | null }>(
  rows: ReadonlyMap<string, Tracked<Row>>,
  name: string,
): Tracked<Row> | undefined {
  const tracked = rows.get(name);
  return tracked && (tracked.row.deleteTime ?? null) === null ? tracked : undefined;
}

function stored<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Tracked<Row>> {
  return new Map(rows.map((row) => [key(row), { row, state: "stored" }]));
}

/**
 * Loads what a batch refers to: for each table one query, or a few where it refers to much. Applications are also
 * changed by others than the writer, so they are locked.
 */
export async function loadBatchRows(
  database: Database,
  references: BatchReferences,
  transaction: Transaction,
): Promise<BatchRows> {
  const { applications, messages, users, requests, mutations } = references;
  const tokens = [...new Set(applications.map(({ application }) => application))];
  const live = { where: { deleteTime: null }, transaction };
  const applicationKeys = tokens.sort().map((token) => ({ token }));
  const applicationRows = await findByKeys(database.applications, applicationKeys, { ...live, lock: true });
  const memberRows = await loadMembers(database, references, transaction);
  const chats = new Map(references.chats);
  for (const { application, chat } of memberRows)
    chats.set(formatChatName({ application, chat }), { application, chat });
  const chatKeys = Array.from(chats.values(), ({ application, chat }) => ({ application, number: chat }));
  const chatRows = await findByKeys(database.chats, chatKeys, live);
  const messageKeys = Array.from(messages.values(), ({ application, chat, message }) => ({
    application,
    chat,
    number: message,
  }));
  const messageRows = await findByKeys(database.messages, messageKeys, { transaction });
  const userKeys = Array.from(users.values(), ({ application, user }) => ({ application, id: user }));
  const userRows = await findByKeys(database.users, userKeys, live);
  const requestRows = await findByKeys(database.createRequests, requests, { transaction });
  const mutationKeys = mutations.map((id) => ({ id }));
  const outboxRows = await findByKeys(database.outbox, mutationKeys, { transaction });
  return {
    applications: stored(applicationRows, ({ token }) => token),
    chats: stored(chatRows, (row) => formatChatName({ application: row.application, chat: row.number })),
    messages: stored(messageRows, (row) => formatMessageName({ ...row, message: row.number })),
    created: [],
    mutated: messages,
    users: new Map(userRows.map((row) => [formatUserName({ application: row.application, user: row.id }), row])),
    members: new MemberRows(memberRows),
    requests: stored(requestRows, createRequestKey),
    judged: new Set(outboxRows.map(({ id }) => id)),
    verdicts: [],
    dropped: [],
    released: [],
    forgotten: [],
  };
}
