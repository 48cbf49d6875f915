import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `users`. Times are milliseconds since 1970, UTC. A deleted user's row stays, so that its id does not come back. */
export class UserRow extends Model<InferAttributes<UserRow>, InferCreationAttributes<UserRow>> {
  declare application: string;
  declare id: string;
  declare displayName: string;
  declare avatarUrl: string | null;
  /** JSON of the map; null where it is empty. */
  declare metadata: string | null;
  /** In its normal form. Unique in the application. */
  declare email: string | null;
  /** parley.v1.User.Role. */
  declare role: number;
  declare bot: number;
  /** In the form that argon2 gives it; null where there is no password. */
  declare passwordHash: string | null;
  /** When the address was confirmed. */
  declare activateTime: number | null;
  /** Access tokens issued before are over. */
  declare tokensFrom: number;
  declare revision: number;
  declare createTime: number;
  declare updateTime: number;
  declare deleteTime: number | null;
  /** 1 while its name is to be erased from its messages. */
  declare eraseDue: number;
}

/** A subclass bound to a database; a process may use several. */
export function defineUserRow(sequelize: Sequelize): typeof UserRow {
  return class extends UserRow {}.init(
    {
      application: { type: DataTypes.STRING(26), primaryKey: true },
      id: { type: DataTypes.STRING(128), primaryKey: true },
      displayName: DataTypes.STRING(400),
      avatarUrl: DataTypes.STRING(2_048),
      metadata: DataTypes.TEXT,
      email: DataTypes.STRING(254),
      role: DataTypes.TINYINT,
      bot: DataTypes.TINYINT,
      passwordHash: DataTypes.STRING(255),
      activateTime: DataTypes.BIGINT,
      tokensFrom: DataTypes.BIGINT,
      revision: DataTypes.INTEGER,
      createTime: DataTypes.BIGINT,
      updateTime: DataTypes.BIGINT,
      deleteTime: DataTypes.BIGINT,
      eraseDue: DataTypes.TINYINT,
    },
    { sequelize, modelName: "users", tableName: "users" },
  );
}
