import type { Attributes } from "sequelize";
import type { ApplicationName, ChatName, MessageName, UserName } from "../aip/resource-name.ts";
import type { ApplicationRow } from "../application/application-model.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { FactChange } from "../facts/facts.ts";
import type { MessageRow } from "../message/message-model.ts";
import type { CreateRequestRow } from "../numbering/create-request-model.ts";
import type { UserRow } from "../user/user-model.ts";
import type { MemberReferences } from "./load-members.ts";
import type { MemberRows } from "./member-rows.ts";
import type { OutboxRow } from "./outbox-model.ts";
import type { Release } from "./release-support.ts";

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
