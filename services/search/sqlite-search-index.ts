import { rm } from "node:fs/promises";
import { Turns } from "../process/turns.ts";
import { SqliteConnection } from "../sqlite/sqlite-connection.ts";
import { SqliteError } from "../sqlite/sqlite-error.ts";
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

const DAMAGED_CODES = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB"]);

/**
 * Opens or creates a search index in an SQLite file of its own. An index of another version is emptied, with its
 * position, so that its feeder rebuilds it; so is a damaged one, whose file is made anew. A power cut can lose the last
 * changes, and the position with them.
 *
 * Matches on whole words are the more relevant ones, and among equals the newer. Rejects with SqliteError.
 *
 * @param onDamaged told why the file was made anew
 */
export async function openSqliteSearchIndex(
  path: string,
  onDamaged: (error: SqliteError) => void = () => {},
): Promise<SearchIndex> {
  try {
    return await openFile(path);
  } catch (error) {
    if (!(error instanceof SqliteError) || !DAMAGED_CODES.has(error.code)) throw error;
    onDamaged(error);
    await Promise.all(["", "-wal", "-shm"].map((suffix) => rm(path + suffix, { force: true })));
    return openFile(path);
  }
}

async function openFile(path: string): Promise<SearchIndex> {
  const opened = new AsyncDisposableStack();
  try {
    const writer = await SqliteConnection.open(path, { synchronous: "NORMAL" });
    opened.defer(() => writer.close());
    const [version] = await writer.all<{ user_version: number }>("PRAGMA user_version");
    if (version?.user_version !== SEARCH_SCHEMA_VERSION) await writer.exec(SEARCH_SCHEMA);
    const functions = [new URL("./sqlite-search-functions.ts", import.meta.url)];
    const reader = await SqliteConnection.open(path, { readOnly: true, functions });
    opened.defer(() => reader.close());
    await reader.all("SELECT position FROM progress");
    return new SqliteSearchIndex(writer, reader);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

class SqliteSearchIndex implements SearchIndex {
  readonly #writer: SqliteConnection;
  readonly #reader: SqliteConnection;
  /** The reader does one search at a time anyway; the owners are the applications. */
  readonly #turns = new Turns({ atOnce: 1, maxWaiting: MAX_WAITING_SEARCHES });

  constructor(writer: SqliteConnection, reader: SqliteConnection) {
    this.#writer = writer;
    this.#reader = reader;
  }

  position(): Promise<number> {
    return asSearchIndexFailure(this.#readPosition(this.#reader));
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
    await this.#reader.close();
    await this.#writer.close();
  }

  async #apply(changes: SearchChanges, { after, upTo }: ChangeSpan): Promise<number> {
    const position = await this.#readPosition(this.#writer);
    if (position < after) return position;
    for (const application of changes.removedApplications) await this.#dropChats(application);
    await this.#writer.transaction(applyStatements(changes, upTo));
    await this.#reclaim();
    return upTo;
  }

  async #readPosition(connection: SqliteConnection): Promise<number> {
    const [row] = await connection.all<{ position: number }>("SELECT position FROM progress");
    return row?.position ?? 0;
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
    const [row] = await this.#reader.all<{ id: number }>(sql, [application, chat]);
    return row?.id;
  }

  async #find(request: SearchRequest, part: Parameters<typeof searchQuery>[1]): Promise<SearchHit[]> {
    const { sql, parameters } = searchQuery(request, part);
    const rows = await this.#reader.all<{ number: number }>(sql, parameters);
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
