import type { Attributes, Transaction } from "sequelize";
import {
  type ApplicationName,
  type ChatName,
  formatChatName,
  formatMessageName,
  type MessageName,
} from "../aip/resource-name.ts";
import type { ApplicationRow } from "../application/application-model.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { Database } from "../database/database.ts";
import { findAny } from "../database/find-any.ts";
import type { MessageRow } from "../message/message-model.ts";
import { type CreateRequestRow, createRequestKey } from "../numbering/create-request-model.ts";
import type { OutboxRow } from "./outbox-model.ts";

/** A row with what has to be done with it. */
export type Tracked<Row> = { row: Row; state: "stored" | "new" | "changed" };

/** What a batch's writes refer to. */
export type BatchReferences = {
  applications: ApplicationName[];
  chats: ChatName[];
  messages: MessageName[];
  requests: Omit<Attributes<CreateRequestRow>, "digest" | "resource" | "createTime">[];
  mutations: string[];
};

/** The rows that a batch reads and writes, by their names; what is not there does not exist. */
export type BatchRows = {
  applications: Map<string, Tracked<Attributes<ApplicationRow>>>;
  chats: Map<string, Tracked<Attributes<ChatRow>>>;
  messages: Map<string, Tracked<Attributes<MessageRow>>>;
  requests: Map<string, Tracked<Attributes<CreateRequestRow>>>;
  /** Ids of mutations that were judged before. */
  judged: Set<string>;
  verdicts: Attributes<OutboxRow>[];
  /** Chats that are gone: creates in them were dropped. */
  dropped: ChatName[];
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

/** Loads what a batch refers to: for each table one query, or a few where it refers to much. */
export async function loadBatchRows(
  database: Database,
  { applications, chats, messages, requests, mutations }: BatchReferences,
  transaction: Transaction,
): Promise<BatchRows> {
  const tokens = [...new Set(applications.map(({ application }) => application))];
  const named = messages.map(({ application, chat, message }) => ({ application, chat, number: message }));
  const ofTokens = tokens.length > 0 ? [{ token: tokens, deleteTime: null }] : [];
  const ofMutations = mutations.length > 0 ? [{ id: mutations }] : [];
  const applicationRows = await findAny(database.applications, ofTokens, transaction);
  const chatRows = await findAny(database.chats, byApplication(chats), transaction);
  const messageRows = await findAny(database.messages, named, transaction);
  const requestRows = await findAny(database.createRequests, requests, transaction);
  const outboxRows = await findAny(database.outbox, ofMutations, transaction);
  return {
    applications: stored(applicationRows, ({ token }) => token),
    chats: stored(chatRows, (row) => formatChatName({ application: row.application, chat: row.number })),
    messages: stored(messageRows, (row) => formatMessageName({ ...row, message: row.number })),
    requests: stored(requestRows, createRequestKey),
    judged: new Set(outboxRows.map(({ id }) => id)),
    verdicts: [],
    dropped: [],
  };
}

/** A condition for the chats of each application; it uses the primary key. */
function byApplication(chats: readonly ChatName[]) {
  const numbers = new Map<string, Set<number>>();
  for (const { application, chat } of chats) {
    const known = numbers.get(application) ?? new Set();
    numbers.set(application, known.add(chat));
  }
  return [...numbers].map(([application, set]) => ({ application, number: [...set], deleteTime: null }));
}
