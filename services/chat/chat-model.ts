import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `chats`. Times are milliseconds since 1970, UTC. */
export class ChatRow extends Model<InferAttributes<ChatRow>, InferCreationAttributes<ChatRow>> {
  declare application: string;
  declare number: number;
  declare title: string;
  declare kind: number;
  /** JSON of the map; null where it is empty. */
  declare metadata: string | null;
  declare messagesCount: number;
  /** The highest message number ever stored or dead-lettered; it never falls. */
  declare lastNumber: number;
  declare lastMessageTime: number | null;
  /** Not 0 where messages came since the last recount: a value that no earlier such change left. */
  declare countDue: number;
  declare revision: number;
  declare createTime: number;
  declare updateTime: number;
  declare deleteTime: number | null;
  declare createSeq: number;
  declare changeSeq: number;
  /** The epoch in which the counter of its messages last began: with the chat, or from this row. */
  declare seeded: number;
  /** The user who created it; null in an open chat that has none. */
  declare creator: string | null;
  declare membersCount: number;
  /** 0 for none. */
  declare slowModeMs: number;
  /** Tells the pair of a direct chat from all others; null in the others. */
  declare pair: string | null;
  /** How many of `messagesCount` are internal notes. */
  declare internalCount: number;
  /** The number of the newest message that is no internal note; a customer learns of no higher one. */
  declare shownNumber: number;
  /** parley.v1.SupportState.Status; 0 in other chats. */
  declare supportStatus: number;
  declare supportAgent: string | null;
  declare firstResponseTime: number | null;
  declare closeTime: number | null;
}

/** What an update of a chat's row may change; the recount alone changes `messagesCount`. */
export const CHAT_MUTABLE_COLUMNS = [
  "title",
  "metadata",
  "last_number",
  "last_message_time",
  "shown_number",
  "count_due",
  "revision",
  "update_time",
  "delete_time",
  "change_seq",
  "members_count",
  "slow_mode_ms",
  "support_status",
  "support_agent",
  "first_response_time",
  "close_time",
];

/** A subclass bound to a database; a process may use several. */
export function defineChatRow(sequelize: Sequelize): typeof ChatRow {
  return class extends ChatRow {}.init(
    {
      application: { type: DataTypes.STRING(26), primaryKey: true },
      number: { type: DataTypes.INTEGER, primaryKey: true },
      title: DataTypes.STRING(800),
      kind: DataTypes.TINYINT,
      metadata: DataTypes.TEXT,
      messagesCount: DataTypes.INTEGER,
      lastNumber: DataTypes.INTEGER,
      lastMessageTime: DataTypes.BIGINT,
      countDue: DataTypes.BIGINT,
      revision: DataTypes.INTEGER,
      createTime: DataTypes.BIGINT,
      updateTime: DataTypes.BIGINT,
      deleteTime: DataTypes.BIGINT,
      createSeq: DataTypes.BIGINT,
      changeSeq: DataTypes.BIGINT,
      seeded: DataTypes.BIGINT,
      creator: DataTypes.STRING(128),
      membersCount: DataTypes.INTEGER,
      slowModeMs: DataTypes.INTEGER,
      pair: DataTypes.STRING(64),
      internalCount: DataTypes.INTEGER,
      shownNumber: DataTypes.INTEGER,
      supportStatus: DataTypes.TINYINT,
      supportAgent: DataTypes.STRING(128),
      firstResponseTime: DataTypes.BIGINT,
      closeTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "chats", tableName: "chats" },
  );
}
