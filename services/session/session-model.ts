import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `sessions`: a user on a device. Times are milliseconds since 1970, UTC. */
export class SessionRow extends Model<InferAttributes<SessionRow>, InferCreationAttributes<SessionRow>> {
  /** A UUID. */
  declare id: string;
  declare application: string;
  declare user: string;
  declare device: string;
  /** How many refresh tokens came before the current one. */
  declare generation: number;
  /** SHA-256 of the current refresh token, in hex. */
  declare tokenHash: string;
  /** When the current one was given. */
  declare rotateTime: number;
  declare createTime: number;
  declare expireTime: number;
  declare revokeTime: number | null;
}

/** A subclass bound to a database; a process may use several. */
export function defineSessionRow(sequelize: Sequelize): typeof SessionRow {
  return class extends SessionRow {}.init(
    {
      id: { type: DataTypes.STRING(36), primaryKey: true },
      application: DataTypes.STRING(26),
      user: DataTypes.STRING(128),
      device: DataTypes.STRING(400),
      generation: DataTypes.INTEGER,
      tokenHash: DataTypes.STRING(64),
      rotateTime: DataTypes.BIGINT,
      createTime: DataTypes.BIGINT,
      expireTime: DataTypes.BIGINT,
      revokeTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "sessions", tableName: "sessions" },
  );
}
