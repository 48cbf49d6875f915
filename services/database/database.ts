import { type Options, Sequelize } from "sequelize";
import { type ApiKeyRow, defineApiKeyRow } from "../application/api-key-model.ts";
import { type ApplicationRow, defineApplicationRow } from "../application/application-model.ts";
import { type ChatRow, defineChatRow } from "../chat/chat-model.ts";
import { defineMessageRow, type MessageRow } from "../message/message-model.ts";
import { type CreateRequestRow, defineCreateRequestRow } from "../numbering/create-request-model.ts";
import { defineOutboxRow, type OutboxRow } from "../writer/outbox-model.ts";
import { definePositionRow, type PositionRow } from "../writer/position-model.ts";
import { migrate } from "./migrate.ts";

/** The database with its tables. The same models serve SQLite and MySQL. */
export type Database = {
  sequelize: Sequelize;
  applications: typeof ApplicationRow;
  apiKeys: typeof ApiKeyRow;
  chats: typeof ChatRow;
  messages: typeof MessageRow;
  createRequests: typeof CreateRequestRow;
  positions: typeof PositionRow;
  outbox: typeof OutboxRow;
  close(): Promise<void>;
};

/** Connects, brings the schema up to date, and binds the models. */
export async function connectDatabase(options: Options, close: () => Promise<void>): Promise<Database> {
  const sequelize = new Sequelize({
    ...options,
    logging: false,
    define: { timestamps: false, underscored: true, freezeTableName: true },
  });
  await migrate(sequelize);
  return {
    sequelize,
    applications: defineApplicationRow(sequelize),
    apiKeys: defineApiKeyRow(sequelize),
    chats: defineChatRow(sequelize),
    messages: defineMessageRow(sequelize),
    createRequests: defineCreateRequestRow(sequelize),
    positions: definePositionRow(sequelize),
    outbox: defineOutboxRow(sequelize),
    close: async () => {
      await sequelize.close();
      await close();
    },
  };
}
