import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/** A row of `leases`: who may do what only one process may, and until when. */
export class LeaseRow extends Model<InferAttributes<LeaseRow>, InferCreationAttributes<LeaseRow>> {
  declare name: string;
  /** A UUID of whoever took it. */
  declare holder: string;
  /** Milliseconds since 1970, UTC, by the database's clock. */
  declare expireTime: number;
}

/** A subclass bound to a database; a process may use several. */
export function defineLeaseRow(sequelize: Sequelize): typeof LeaseRow {
  return class extends LeaseRow {}.init(
    {
      name: { type: DataTypes.STRING(64), primaryKey: true },
      holder: DataTypes.STRING(36),
      expireTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "leases", tableName: "leases" },
  );
}
