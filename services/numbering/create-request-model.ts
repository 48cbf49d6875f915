import { DataTypes, type InferAttributes, type InferCreationAttributes, Model, type Sequelize } from "sequelize";

/**
 * A row of `create_requests`: which resource a request_id made. It is written in the transaction that writes the
 * resource, and forgotten after REQUEST_ID_TTL.
 */
export class CreateRequestRow extends Model<
  InferAttributes<CreateRequestRow>,
  InferCreationAttributes<CreateRequestRow>
> {
  /** The application's token; empty for the creation of an application. */
  declare application: string;
  /** The collection created in, below the application: `chats`, `chats/7/messages`, `apiKeys`; or `applications`. */
  declare collection: string;
  declare principal: string;
  declare requestId: string;
  /** SHA-256 of the request without its request_id, in hex. */
  declare digest: string;
  /** What it made: the first number, or an application's token. */
  declare resource: string;
  /** Milliseconds since 1970, UTC. */
  declare createTime: number;
}

/** The primary key of a row as one text. */
export function createRequestKey({
  application,
  collection,
  principal,
  requestId,
}: Pick<InferAttributes<CreateRequestRow>, "application" | "collection" | "principal" | "requestId">): string {
  return [application, collection, principal, requestId].join(" ");
}

/** A subclass bound to a database; a process may use several. */
export function defineCreateRequestRow(sequelize: Sequelize): typeof CreateRequestRow {
  return class extends CreateRequestRow {}.init(
    {
      application: { type: DataTypes.STRING(26), primaryKey: true },
      collection: { type: DataTypes.STRING(40), primaryKey: true },
      principal: { type: DataTypes.STRING(64), primaryKey: true },
      requestId: { type: DataTypes.STRING(36), primaryKey: true },
      digest: DataTypes.STRING(64),
      resource: DataTypes.STRING(40),
      createTime: DataTypes.BIGINT,
    },
    { sequelize, modelName: "create_requests", tableName: "create_requests" },
  );
}
