import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `positions`: how far a lane of the write queue is persisted. */
export class PositionRow extends Model<InferAttributes<PositionRow>, InferCreationAttributes<PositionRow>> {
  declare lane: number;
  /** The commit mark up to which every write is in the database. */
  declare mark: number;
}

/** A subclass bound to a database; a process may use several. */
export function definePositionRow(sequelize: Sequelize): typeof PositionRow {
  return class extends PositionRow {}.init(
    {
      lane: { type: DataTypes.INTEGER, primaryKey: true },
      mark: DataTypes.BIGINT,
    },
    { sequelize, modelName: "positions", tableName: "positions" },
  );
}
