import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `mail_tokens`: a secret that was mailed to a user, or to whom becomes one by it. Times are milliseconds since 1970, UTC. */
export class MailTokenRow extends Model<InferAttributes<MailTokenRow>, InferCreationAttributes<MailTokenRow>> {
  /** SHA-256 of the secret, in hex. */
  declare hash: string;
  declare application: string;
  /** Who has it; or the id that who registered will have. */
  declare user: string;
  /** 1 to activate, 2 to reset the password. */
  declare purpose: number;
  /** The address that is registered, in its normal form, with the password and name; null where a password is reset. */
  declare email: string | null;
  declare passwordHash: string | null;
  declare displayName: string | null;
  declare createTime: number;
  declare expireTime: number;
}

/** A subclass bound to a database; a process may use several. */
export function defineMailTokenRow(sequelize: Sequelize): typeof MailTokenRow {
  return class extends MailTokenRow {}.init(
    {
      hash: { type: DataTypes.STRING(64), primaryKey: true },
      application: DataTypes.STRING(26),
      user: DataTypes.STRING(128),
      purpose: DataTypes.TINYINT,
      email: DataTypes.STRING(254),
      passwordHash: DataTypes.STRING(255),
      displayName: DataTypes.STRING(400),
      createTime: DataTypes.BIGINT,
      expireTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "mail_tokens", tableName: "mail_tokens" },
  );
}
