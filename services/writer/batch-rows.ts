import { type Attributes, Op, type Transaction } from "sequelize";
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
import type { MessageRow } from "../message/message-model.ts";
import type { CreateRequestRow } from "../numbering/create-request-model.ts";
import type { OutboxRow } from "./outbox-model.ts";

/** A row with what has to be done with it. */
export type Tracked<Row> = { row: Row; state: "stored" | "new" | "changed" };

/** The key of a row in `createRequests`. */
export function createRequestKey(
  row: Omit<Attributes<CreateRequestRow>, "digest" | "resource" | "createTime">,
): string {
  return [row.application, row.collection, row.principal, row.requestId].join(" ");
}

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

/** Loads what a batch refers to: one query a table. */
export async function loadBatchRows(
  database: Database,
  { applications, chats, messages, requests, mutations }: BatchReferences,
  transaction: Transaction,
): Promise<BatchRows> {
  const options = { raw: true, transaction } as const;
  const applicationRows =
    applications.length === 0
      ? []
      : await database.applications.findAll({
          where: { token: [...new Set(applications.map(({ application }) => application))], deleteTime: null },
          ...options,
        });
  const chatRows =
    chats.length === 0
      ? []
      : await database.chats.findAll({ where: { ...inApplications(chats), deleteTime: null }, ...options });
  const messageRows =
    messages.length === 0
      ? []
      : await database.messages.findAll({
          where: {
            [Op.or]: messages.map(({ application, chat, message }) => ({ application, chat, number: message })),
          },
          ...options,
        });
  const requestRows =
    requests.length === 0 ? [] : await database.createRequests.findAll({ where: { [Op.or]: requests }, ...options });
  const outboxRows =
    mutations.length === 0
      ? []
      : await database.outbox.findAll({ attributes: ["id"], where: { id: mutations }, ...options });
  return {
    applications: stored(applicationRows, ({ token }) => token),
    chats: stored(chatRows, (row) => formatChatName({ application: row.application, chat: row.number })),
    messages: stored(messageRows, (row) => formatMessageName({ ...row, message: row.number })),
    requests: stored(requestRows, createRequestKey),
    judged: new Set(outboxRows.map(({ id }) => id)),
    verdicts: [],
  };
}

/** A condition on (application, number) that uses the primary key, grouped by application. */
function inApplications(chats: readonly ChatName[]) {
  const numbers = new Map<string, Set<number>>();
  for (const { application, chat } of chats) {
    const known = numbers.get(application) ?? new Set();
    numbers.set(application, known.add(chat));
  }
  return { [Op.or]: [...numbers].map(([application, set]) => ({ application, number: [...set] })) };
}
