import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `signing_keys`: what access tokens are signed with. Times are milliseconds since 1970, UTC. */
export class SigningKeyRow extends Model<InferAttributes<SigningKeyRow>, InferCreationAttributes<SigningKeyRow>> {
  /** The `kid`. */
  declare id: string;
  /** A JWK in JSON. */
  declare publicKey: string;
  /** A JWK, encrypted as a compact JWE. */
  declare privateKey: string;
  declare createTime: number;
  /** From when on tokens are signed with it: every process has it before. */
  declare signTime: number;
  /** From when on its tokens are not accepted; null while no key has replaced it. */
  declare expireTime: number | null;
}

/** A subclass bound to a database; a process may use several. */
export function defineSigningKeyRow(sequelize: Sequelize): typeof SigningKeyRow {
  return class extends SigningKeyRow {}.init(
    {
      id: { type: DataTypes.STRING(64), primaryKey: true },
      publicKey: DataTypes.TEXT,
      privateKey: DataTypes.TEXT,
      createTime: DataTypes.BIGINT,
      signTime: DataTypes.BIGINT,
      expireTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "signing_keys", tableName: "signing_keys" },
  );
}
