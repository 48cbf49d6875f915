import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/**
 * A row of `outbox`: the verdict on a mutation, written in the transaction that applied it, from where it goes into
 * the write queue. It stays for an hour, so that a mutation that was queued twice is recognised.
 */
export class OutboxRow extends Model<InferAttributes<OutboxRow>, InferCreationAttributes<OutboxRow>> {
  /** The mutation's id. */
  declare id: string;
  /** A parley.queue.v1.Applied. */
  declare verdict: Uint8Array;
  /** 1 once it is known to be in the queue. */
  declare published: number;
  /** Milliseconds since 1970, UTC. */
  declare createTime: number;
}

/** A subclass bound to a database; a process may use several. */
export function defineOutboxRow(sequelize: Sequelize): typeof OutboxRow {
  return class extends OutboxRow {}.init(
    {
      id: { type: DataTypes.STRING(36), primaryKey: true },
      verdict: DataTypes.BLOB,
      published: DataTypes.TINYINT,
      createTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "outbox", tableName: "outbox" },
  );
}
