import {
  type Attributes,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type Sequelize,
} from "sequelize";

/** A row of `messages`. Times are milliseconds since 1970, UTC. */
export class MessageRow extends Model<InferAttributes<MessageRow>, InferCreationAttributes<MessageRow>> {
  declare application: string;
  declare chat: number;
  declare number: number;
  /** Null in a tombstone. */
  declare body: string | null;
  declare authorUser: string | null;
  declare authorDisplayName: string | null;
  declare authorType: number;
  /** JSON of the map; null where it is empty. */
  declare metadata: string | null;
  declare requestId: string | null;
  declare revision: number;
  declare createTime: number;
  declare updateTime: number;
  declare editTime: number | null;
  declare deleteTime: number | null;
  declare createSeq: number;
  declare changeSeq: number;
  /** 1 for a note that agents alone see. */
  declare internal: number;
  declare replyTo: number | null;
  /** JSON of the reactions: `[[emoji, [user, …]], …]`; null where there are none. */
  declare reactions: string | null;
  /** JSON of a parley.v1.SystemEvent; null in other messages. */
  declare systemEvent: string | null;
}

/** What of a row a message is made of. */
export type MessageFields = Omit<Attributes<MessageRow>, "createSeq" | "changeSeq">;

/** What an edit or deletion of a message changes. */
export const MESSAGE_MUTABLE_COLUMNS = [
  "body",
  "metadata",
  "revision",
  "update_time",
  "edit_time",
  "delete_time",
  "change_seq",
  "reactions",
];

/** A subclass bound to a database; a process may use several. */
export function defineMessageRow(sequelize: Sequelize): typeof MessageRow {
  return class extends MessageRow {}.init(
    {
      application: { type: DataTypes.STRING(26), primaryKey: true },
      chat: { type: DataTypes.INTEGER, primaryKey: true },
      number: { type: DataTypes.INTEGER, primaryKey: true },
      body: DataTypes.TEXT,
      authorUser: DataTypes.STRING(128),
      authorDisplayName: DataTypes.STRING(400),
      authorType: DataTypes.TINYINT,
      metadata: DataTypes.TEXT,
      requestId: DataTypes.STRING(36),
      revision: DataTypes.INTEGER,
      createTime: DataTypes.BIGINT,
      updateTime: DataTypes.BIGINT,
      editTime: DataTypes.BIGINT,
      deleteTime: DataTypes.BIGINT,
      createSeq: DataTypes.BIGINT,
      changeSeq: DataTypes.BIGINT,
      internal: DataTypes.TINYINT,
      replyTo: DataTypes.INTEGER,
      reactions: DataTypes.TEXT,
      systemEvent: DataTypes.TEXT,
    },
    { sequelize, modelName: "messages", tableName: "messages" },
  );
}
