import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `api_keys`: a key is found by its hash. Times are milliseconds since 1970, UTC. */
export class ApiKeyRow extends Model<InferAttributes<ApiKeyRow>, InferCreationAttributes<ApiKeyRow>> {
  /** SHA-256 of the key, in hex. */
  declare hash: string;
  declare application: string;
  declare createTime: number;
  /** When it stops working; null for the current key. */
  declare expireTime: number | null;
}

/** A subclass bound to a database; a process may use several. */
export function defineApiKeyRow(sequelize: Sequelize): typeof ApiKeyRow {
  return class extends ApiKeyRow {}.init(
    {
      hash: { type: DataTypes.STRING(64), primaryKey: true },
      application: DataTypes.STRING(26),
      createTime: DataTypes.BIGINT,
      expireTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "api_keys", tableName: "api_keys" },
  );
}
