import { rm } from "node:fs/promises";
import { Turns } from "../process/turns.ts";
import { SqliteConnection } from "../sqlite/sqlite-connection.ts";
import { SqliteError } from "../sqlite/sqlite-error.ts";
import type { SqliteParameters } from "../sqlite/sqlite-protocol.ts";
import { SqliteThread } from "../sqlite/sqlite-thread.ts";
import { formatCursor, type MatchClass, NUMBERS_END, parseCursor, type SearchCursor } from "./search-cursor.ts";
import {
  type ChangeSpan,
  type SearchChanges,
  type SearchHit,
  type SearchIndex,
  SearchIndexError,
  type SearchRequest,
} from "./search-index.ts";
import { searchQuery } from "./sqlite-search-query.ts";
import { SEARCH_SCHEMA, SEARCH_SCHEMA_VERSION } from "./sqlite-search-schema.ts";
import { applyStatements, dropChatsStatements, forgetStatement, reclaimStatements } from "./sqlite-search-writes.ts";

const MAX_WAITING_SEARCHES = 1_000;
const MAX_CHATS_PER_STEP = 100;
const MAX_DOCUMENTS_PER_STEP = 1_000;

const FUNCTIONS = [new URL("./sqlite-search-functions.ts", import.meta.url)];

const DAMAGED_CODES = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB"]);

/** How an index in a file is opened. */
export type SqliteSearchIndexOptions = {
  /** Told why the file was made anew. */
  onDamaged?: (error: SqliteError) => void;
  /** A thread for the writer that was begun before. Default: one that is begun now. */
  thread?: SqliteThread;
};

/**
 * Opens or creates a search index in an SQLite file of its own. An index of another version is emptied, with its
 * position, so that its feeder rebuilds it; so is a damaged one, whose file is made anew. A power cut can lose the last
 * changes, and the position with them.
 *
 * Matches on whole words are the more relevant ones, and among equals the newer. Rejects with SqliteError.
 */
export async function openSqliteSearchIndex(
  path: string,
  { onDamaged, thread }: SqliteSearchIndexOptions = {},
): Promise<SearchIndex> {
  try {
    return await openFile(path, thread);
  } catch (error) {
    if (!(error instanceof SqliteError) || !DAMAGED_CODES.has(error.code)) throw error;
    onDamaged?.(error);
    await Promise.all(["", "-wal", "-shm"].map((suffix) => rm(path + suffix, { force: true })));
    return openFile(path, beginIndexThread());
  }
}

/**
 * A thread for who writes an index: the trigrams of a message cost more than all else of its create, 49 of 228 µs of CPU,
 * and can wait for it.
 */
export function beginIndexThread(): SqliteThread {
  return new SqliteThread({ isPatient: true });
}

async function openFile(path: string, thread = beginIndexThread()): Promise<SearchIndex> {
  const writer = await SqliteConnection.open(path, { synchronous: "NORMAL", thread });
  try {
    const [version] = await writer.all<{ user_version: number }>("PRAGMA user_version");
    if (version?.user_version !== SEARCH_SCHEMA_VERSION) await writer.exec(SEARCH_SCHEMA);
    await writer.all("SELECT position FROM progress");
    return new SqliteSearchIndex(writer, () => SqliteConnection.open(path, { readOnly: true, functions: FUNCTIONS }));
  } catch (error) {
    await writer.close();
    throw error;
  }
}

class SqliteSearchIndex implements SearchIndex {
  readonly #writer: SqliteConnection;
  readonly #openReader: () => Promise<SqliteConnection>;
  /** Opened by the first search: where nobody searches, its thread is spared. */
  #reader: Promise<SqliteConnection> | undefined;
  /** The reader does one search at a time anyway; the owners are the applications. */
  readonly #turns = new Turns({ atOnce: 1, maxWaiting: MAX_WAITING_SEARCHES });

  constructor(writer: SqliteConnection, openReader: () => Promise<SqliteConnection>) {
    this.#writer = writer;
    this.#openReader = openReader;
  }

  position(): Promise<number> {
    return asSearchIndexFailure(this.#readPosition());
  }

  apply(changes: SearchChanges, span: ChangeSpan): Promise<number> {
    return asSearchIndexFailure(this.#apply(changes, span));
  }

  reset(): Promise<void> {
    return asSearchIndexFailure(this.#writer.exec(SEARCH_SCHEMA));
  }

  async search(request: SearchRequest, signal?: AbortSignal): Promise<SearchHit[]> {
    const cursor = parseCursor(request);
    return this.#turns.take(request.application, () => asSearchIndexFailure(this.#search(request, cursor)), signal);
  }

  async close(): Promise<void> {
    await (await this.#reader?.catch(() => undefined))?.close();
    await this.#writer.close();
  }

  async #apply(changes: SearchChanges, { after, upTo }: ChangeSpan): Promise<number> {
    const position = await this.#readPosition();
    if (position < after) return position;
    for (const application of changes.removedApplications) await this.#dropChats(application);
    await this.#writer.transaction(applyStatements(changes, upTo));
    await this.#reclaim();
    return upTo;
  }

  async #readPosition(): Promise<number> {
    const [row] = await this.#writer.all<{ position: number }>("SELECT position FROM progress");
    return row?.position ?? 0;
  }

  /** Rows that a search reads. One that cannot open the file leaves that to the next. */
  async #read<Row>(sql: string, parameters: SqliteParameters): Promise<Row[]> {
    this.#reader ??= this.#openReader();
    const reader = await this.#reader.catch((error: unknown) => {
      this.#reader = undefined;
      throw error;
    });
    return reader.all(sql, parameters);
  }

  async #search(request: SearchRequest, cursor: SearchCursor): Promise<SearchHit[]> {
    const chatId = await this.#findChatId(request);
    if (chatId === undefined) return [];
    const find = (matchClass: MatchClass, below: number, limit: number) =>
      this.#find(request, { chatId, matchClass, below, limit });
    if (cursor.matchClass !== "whole") return find(cursor.matchClass, cursor.number, request.limit);
    const whole = await find("whole", cursor.number, request.limit);
    const missing = request.limit - whole.length;
    return missing > 0 ? [...whole, ...(await find("partial", NUMBERS_END, missing))] : whole;
  }

  async #findChatId({ application, chat }: SearchRequest): Promise<number | undefined> {
    const sql = "SELECT id FROM chat WHERE application = ? AND number = ?";
    const [row] = await this.#read<{ id: number }>(sql, [application, chat]);
    return row?.id;
  }

  async #find(request: SearchRequest, part: Parameters<typeof searchQuery>[1]): Promise<SearchHit[]> {
    const { sql, parameters } = searchQuery(request, part);
    const rows = await this.#read<{ number: number }>(sql, parameters);
    return rows.map(({ number }) => ({ number, cursor: formatCursor({ matchClass: part.matchClass, number }) }));
  }

  async #dropChats(application: string): Promise<void> {
    let dropped: number;
    do {
      const results = await this.#writer.transaction(dropChatsStatements(application, MAX_DOCUMENTS_PER_STEP));
      dropped = results.at(-1)?.changes ?? 0;
    } while (dropped > 0);
  }

  /** Deletes the documents of removed chats in small transactions. What a crash leaves is deleted by the next call. */
  async #reclaim(): Promise<void> {
    while ((await this.#writer.all("SELECT 1 FROM removed_chat LIMIT 1")).length > 0) {
      const [, deleted] = await this.#writer.transaction(reclaimStatements(MAX_CHATS_PER_STEP, MAX_DOCUMENTS_PER_STEP));
      if (deleted!.changes < MAX_DOCUMENTS_PER_STEP)
        await this.#writer.transaction([forgetStatement(MAX_CHATS_PER_STEP)]);
    }
  }
}

/** The outcome of work on the file; its failure as the port has it. */
async function asSearchIndexFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new SearchIndexError(error);
  }
}
