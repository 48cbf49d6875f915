import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `positions`: how far a lane of the write queue is persisted. */
export class PositionRow extends Model<InferAttributes<PositionRow>, InferCreationAttributes<PositionRow>> {
  declare lane: number;
  /** The commit mark up to which every write is in the database. */
  declare mark: number;
}

/** Binds the model to a database. */
export function definePositionRow(sequelize: Sequelize): typeof PositionRow {
  return PositionRow.init(
    {
      lane: { type: DataTypes.INTEGER, primaryKey: true },
      mark: DataTypes.BIGINT,
    },
    { sequelize, tableName: "positions" },
  );
}
