import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/**
 * A row of `fact_changes`: something that changed, written in the transaction that changed it. Without a chat or user
 * it is the application; with both, a member. It stays for as long as facts are believed.
 */
export class FactChangeRow extends Model<InferAttributes<FactChangeRow>, InferCreationAttributes<FactChangeRow>> {
  /** Milliseconds since 1970, UTC, by the clock of who wrote it, and a little before it was committed. */
  declare time: number;
  /** Random. */
  declare id: string;
  declare application: string;
  declare chat: number | null;
  declare user: string | null;
}

/** A subclass bound to a database; a process may use several. */
export function defineFactChangeRow(sequelize: Sequelize): typeof FactChangeRow {
  return class extends FactChangeRow {}.init(
    {
      time: { type: DataTypes.BIGINT, primaryKey: true },
      id: { type: DataTypes.STRING(36), primaryKey: true },
      application: DataTypes.STRING(26),
      chat: DataTypes.INTEGER,
      user: DataTypes.STRING(128),
    },
    { sequelize, modelName: "fact_changes", tableName: "fact_changes" },
  );
}
