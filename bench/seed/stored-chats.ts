import { type Connection, createConnection } from "mysql2/promise";
import { createResourceId } from "../../services/aip/resource-id.ts";
import { createApiKey } from "../../services/auth/api-key.ts";
import { hashSecret } from "../../services/auth/secret-hash.ts";
import { commitMark, endOfRecord, MARKS_PER_RECORD } from "../../services/write-queue/commit-mark.ts";
import { AUTHOR, BODY } from "../load/workload.ts";

/** What an application's chats hold before Parley is started on them. */
export type ChatsToStore = {
  /** The messages of each chat, the first of which is chat 1. */
  sizes: readonly number[];
  /** The text of a message. Default: that of all messages which the load makes. */
  bodyOf?: (chat: number, number: number) => string;
};

/** An application in the database, as a caller knows it. */
export type StoredApplication = { name: string; key: string };

/** Rows of one INSERT, and INSERTs of one transaction. */
const ROWS = 1_000;
const STATEMENTS = 20;
/** When the first message was created; each other came a millisecond after the one before it. */
const BEGIN_MS = 1_750_000_000_000;

/**
 * Writes an application with its chats straight into the tables of a new installation, which has not been started yet,
 * as if its queue had brought them: each message has a mark of its own, and the position is behind them all. A stream that
 * is made later begins above it.
 */
export async function storeChats(mysqlUrl: string, { sizes, bodyOf }: ChatsToStore): Promise<StoredApplication> {
  const connection = await createConnection({ uri: mysqlUrl });
  try {
    const application = createResourceId();
    const key = createApiKey();
    const marks = new Marks();
    const times = { revision: 1, create_time: BEGIN_MS, update_time: BEGIN_MS };
    const owner = { token: application, display_name: "Stored", last_chat_number: sizes.length, ...times };
    await connection.query("INSERT INTO applications SET ?", [owner]);
    await connection.query("INSERT INTO api_keys SET ?", [
      { hash: hashSecret(key), application, create_time: BEGIN_MS },
    ]);
    await insertRows(connection, "chats", CHAT_COLUMNS, chatRows(application, sizes, marks));
    const texts = bodyOf ?? (() => BODY);
    await insertRows(connection, "messages", MESSAGE_COLUMNS, messageRows(application, sizes, texts, marks));
    await connection.query("REPLACE INTO positions SET ?", [{ lane: 0, mark: marks.end }]);
    return { name: `applications/${application}`, key };
  } finally {
    connection.destroy();
  }
}

const CHAT_COLUMNS = [
  ...["application", "number", "title", "kind", "messages_count", "last_number", "last_message_time", "revision"],
  ...["create_time", "update_time", "create_seq", "change_seq"],
];

function* chatRows(application: string, sizes: readonly number[], marks: Marks): Iterable<unknown[]> {
  for (const [index, size] of sizes.entries()) {
    const [number, mark] = [index + 1, marks.next()];
    const counts = [size, size, BEGIN_MS + size];
    yield [application, number, `Chat ${number}`, 1, ...counts, 1, BEGIN_MS, BEGIN_MS, mark, mark];
  }
}

const MESSAGE_COLUMNS = [
  ...["application", "chat", "number", "body", "author_user", "author_display_name", "author_type", "revision"],
  ...["create_time", "update_time", "create_seq", "change_seq"],
];

function* messageRows(
  application: string,
  sizes: readonly number[],
  bodyOf: (chat: number, number: number) => string,
  marks: Marks,
): Iterable<unknown[]> {
  const { user, displayName } = AUTHOR;
  for (const [index, size] of sizes.entries()) {
    const chat = index + 1;
    for (let number = 1; number <= size; number++) {
      const [time, mark] = [BEGIN_MS + number, marks.next()];
      yield [application, chat, number, bodyOf(chat, number), user, displayName, 1, 1, time, time, mark, mark];
    }
  }
}

/** The database inserts rows while the next ones are made. */
async function insertRows(connection: Connection, table: string, columns: string[], all: Iterable<unknown[]>) {
  const statement = `INSERT INTO ${table} (${columns.join()}) VALUES ?`;
  let rows: unknown[][] = [];
  let statements = 0;
  let inserted: Promise<unknown> = Promise.resolve();
  const insert = async () => {
    await inserted;
    // It ends the one before it, too.
    if (statements++ % STATEMENTS === 0) await connection.query("START TRANSACTION");
    if (rows.length > 0) inserted = connection.query(statement, [rows]);
    rows = [];
  };
  for (const row of all) if (rows.push(row) === ROWS) await insert();
  await insert();
  await inserted;
  await connection.query("COMMIT");
}

/** Commit marks, one after the other, of records that are full. */
class Marks {
  #given = 0;

  next(): number {
    const mark = commitMark(1 + Math.floor(this.#given / MARKS_PER_RECORD), this.#given % MARKS_PER_RECORD);
    this.#given++;
    return mark;
  }

  /** The position of who has passed all that were given. */
  get end(): number {
    return endOfRecord(Math.ceil(this.#given / MARKS_PER_RECORD));
  }
}
