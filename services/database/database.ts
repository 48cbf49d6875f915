import { type Options, QueryTypes, Sequelize, type Transaction } from "sequelize";
import { type ApiKeyRow, defineApiKeyRow } from "../application/api-key-model.ts";
import { type ApplicationRow, defineApplicationRow } from "../application/application-model.ts";
import { type ChatRow, defineChatRow } from "../chat/chat-model.ts";
import { defineFactChangeRow, type FactChangeRow } from "../facts/fact-change-model.ts";
import { defineMailTokenRow, type MailTokenRow } from "../mail/mail-token-model.ts";
import { defineMemberRow, type MemberRow } from "../member/member-model.ts";
import { defineMessageRow, type MessageRow } from "../message/message-model.ts";
import { type CreateRequestRow, defineCreateRequestRow } from "../numbering/create-request-model.ts";
import { Turns } from "../process/turns.ts";
import { defineSessionRow, type SessionRow } from "../session/session-model.ts";
import { defineSigningKeyRow, type SigningKeyRow } from "../token/signing-key-model.ts";
import { defineTokenKeyRow, type TokenKeyRow } from "../token/token-key-model.ts";
import { defineUserRow, type UserRow } from "../user/user-model.ts";
import { defineOutboxRow, type OutboxRow } from "../writer/outbox-model.ts";
import { definePositionRow, type PositionRow } from "../writer/position-model.ts";
import { defineLeaseRow, type LeaseRow } from "./lease-model.ts";

/** Reads of many rows that one application may have waiting, so that it cannot take all of CALLS_MAX with them. */
const MAX_WAITING_READS = 1_000;

/** The database with its tables. The same models serve SQLite and MySQL. */
export type Database = {
  sequelize: Sequelize;
  /**
   * For reads of many rows on behalf of callers; the owners are the applications. What reads a row or two takes no
   * turn, so it waits for no more than is read at once.
   */
  largeReads: Turns;
  applications: typeof ApplicationRow;
  apiKeys: typeof ApiKeyRow;
  chats: typeof ChatRow;
  messages: typeof MessageRow;
  createRequests: typeof CreateRequestRow;
  positions: typeof PositionRow;
  outbox: typeof OutboxRow;
  leases: typeof LeaseRow;
  users: typeof UserRow;
  sessions: typeof SessionRow;
  mailTokens: typeof MailTokenRow;
  signingKeys: typeof SigningKeyRow;
  tokenKeys: typeof TokenKeyRow;
  members: typeof MemberRow;
  factChanges: typeof FactChangeRow;
  /** A text as it stands in a statement. */
  quote(text: string): string;
  /** Executes a statement that is complete and gives nothing back. Rejects as Sequelize does. */
  execute(statement: string, transaction: Transaction): Promise<void>;
  /** The rows of a SELECT that is complete, outside of any transaction. Rejects as Sequelize does. */
  select<Row extends object>(statement: string): Promise<Row[]>;
  close(): Promise<void>;
};

/** What a database has beside Sequelize's options. */
export type DatabaseOptions = {
  /** How many reads of many rows to do at once: fewer than there are connections, so that one is left for the others. */
  largeReadsAtOnce: number;
  /** Makes sure that the tables are there, in their current form. */
  prepare: (sequelize: Sequelize) => Promise<unknown>;
  /** Called once Sequelize is closed. */
  close: () => Promise<void>;
  /** As Database.execute. Default: as Sequelize does it. */
  execute?: Database["execute"];
  /** As Database.select. Default: as Sequelize does it. */
  select?: <Row extends object>(sequelize: Sequelize, statement: string) => Promise<Row[]>;
};

/** Connects, prepares the schema, and binds the models. Where it rejects, nothing is open. */
export async function connectDatabase(
  options: Options,
  { largeReadsAtOnce, prepare, close, execute, select = selectUsually }: DatabaseOptions,
): Promise<Database> {
  const sequelize = new Sequelize({
    logging: false,
    ...options,
    define: { timestamps: false, underscored: true, freezeTableName: true },
  });
  const closeAll = async () => {
    await sequelize.close();
    await close();
  };
  try {
    await prepare(sequelize);
  } catch (error) {
    await closeAll();
    throw error;
  }
  return {
    sequelize,
    largeReads: new Turns({ atOnce: largeReadsAtOnce, maxWaiting: MAX_WAITING_READS }),
    applications: defineApplicationRow(sequelize),
    apiKeys: defineApiKeyRow(sequelize),
    chats: defineChatRow(sequelize),
    messages: defineMessageRow(sequelize),
    createRequests: defineCreateRequestRow(sequelize),
    positions: definePositionRow(sequelize),
    outbox: defineOutboxRow(sequelize),
    leases: defineLeaseRow(sequelize),
    users: defineUserRow(sequelize),
    sessions: defineSessionRow(sequelize),
    mailTokens: defineMailTokenRow(sequelize),
    signingKeys: defineSigningKeyRow(sequelize),
    tokenKeys: defineTokenKeyRow(sequelize),
    members: defineMemberRow(sequelize),
    factChanges: defineFactChangeRow(sequelize),
    quote: (text) => sequelize.escape(text),
    execute: execute ?? (async (statement, transaction) => void (await sequelize.query(statement, { transaction }))),
    select: (statement) => select(sequelize, statement),
    close: closeAll,
  };
}

function selectUsually<Row extends object>(sequelize: Sequelize, statement: string): Promise<Row[]> {
  return sequelize.query<Row>(statement, { type: QueryTypes.SELECT });
}
