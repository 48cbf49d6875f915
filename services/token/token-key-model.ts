import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `token_keys`: a public key of another issuer. Times are milliseconds since 1970, UTC. */
export class TokenKeyRow extends Model<InferAttributes<TokenKeyRow>, InferCreationAttributes<TokenKeyRow>> {
  declare application: string;
  declare id: string;
  /** As it was registered: a JWK in JSON, or PEM. */
  declare publicKey: string;
  declare issuer: string;
  /** The `kid` of its tokens; empty where any will do. */
  declare keyId: string;
  declare userClaim: string;
  declare displayNameClaim: string;
  declare createUsers: number;
  declare createTime: number;
}

/** A subclass bound to a database; a process may use several. */
export function defineTokenKeyRow(sequelize: Sequelize): typeof TokenKeyRow {
  return class extends TokenKeyRow {}.init(
    {
      application: { type: DataTypes.STRING(26), primaryKey: true },
      id: { type: DataTypes.STRING(26), primaryKey: true },
      publicKey: DataTypes.TEXT,
      issuer: DataTypes.STRING(1_024),
      keyId: DataTypes.STRING(1_024),
      userClaim: DataTypes.STRING(512),
      displayNameClaim: DataTypes.STRING(512),
      createUsers: DataTypes.TINYINT,
      createTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "token_keys", tableName: "token_keys" },
  );
}
