import type { Sequelize } from "sequelize";
import { type CreationOptional, DataTypes, type InferAttributes, type InferCreationAttributes, Model } from "sequelize";

/** A row of `applications`. Times are milliseconds since 1970, UTC. */
export class ApplicationRow extends Model<InferAttributes<ApplicationRow>, InferCreationAttributes<ApplicationRow>> {
  declare token: string;
  declare displayName: string;
  declare chatsCount: CreationOptional<number>;
  /** The highest chat number ever stored; it never falls. */
  declare lastChatNumber: CreationOptional<number>;
  /** Not 0 where chats came or went since the last recount: a value that no earlier such change left. */
  declare countDue: CreationOptional<number>;
  declare revision: number;
  declare createTime: number;
  declare updateTime: number;
  declare deleteTime: CreationOptional<number | null>;
  /** The commit mark of the deletion; 0 before. */
  declare changeSeq: CreationOptional<number>;
  /** The epoch in which the counter of its chats last began from this row; 0 before. */
  declare seeded: CreationOptional<number>;
  /** JSON of the parley.v1.RateLimits; null where there are none. */
  declare rateLimits: CreationOptional<string | null>;
  /** Whether nobody can register; 0 or 1. */
  declare registrationClosed: CreationOptional<number>;
}

/** A subclass bound to a database; a process may use several. */
export function defineApplicationRow(sequelize: Sequelize): typeof ApplicationRow {
  return class extends ApplicationRow {}.init(
    {
      token: { type: DataTypes.STRING(26), primaryKey: true },
      displayName: DataTypes.STRING(400),
      chatsCount: DataTypes.INTEGER,
      lastChatNumber: DataTypes.INTEGER,
      countDue: DataTypes.BIGINT,
      revision: DataTypes.INTEGER,
      createTime: DataTypes.BIGINT,
      updateTime: DataTypes.BIGINT,
      deleteTime: DataTypes.BIGINT,
      changeSeq: DataTypes.BIGINT,
      seeded: DataTypes.BIGINT,
      rateLimits: DataTypes.STRING(800),
      registrationClosed: DataTypes.TINYINT,
    },
    { sequelize, modelName: "applications", tableName: "applications" },
  );
}
