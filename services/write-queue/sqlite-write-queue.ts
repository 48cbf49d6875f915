import { countWithin } from "../process/count-within.ts";
import { SqliteConnection } from "../sqlite/sqlite-connection.ts";
import type { SqliteThread } from "../sqlite/sqlite-thread.ts";
import type { CommitMark } from "./commit-mark.ts";
import { RecordTail } from "./record-tail.ts";
import { SqliteDeadLetters } from "./sqlite-dead-letters.ts";
import {
  type AppendOptions,
  type DeadLetter,
  type QueueBacklog,
  QueueFullError,
  type QueueRecord,
  QueueUnavailableError,
  type ReadLimit,
  type WriteQueue,
} from "./write-queue.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, time INTEGER NOT NULL, data BLOB NOT NULL)`;

const INSERT = "INSERT INTO records (id, time, data) VALUES (?, ?, ?)";
/** Not ON CONFLICT DO NOTHING, which uses up a sequence. */
const INSERT_ONCE = `
  INSERT INTO records (id, time, data) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM records WHERE id = ?)`;
const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER;
const TRIM_CHUNK = 1_000;

/** How the embedded queue is set up. */
export type SqliteWriteQueueOptions = {
  path: string;
  /** The sequence up to which records are persisted; asked for once the file is locked. */
  persisted: () => Promise<number>;
  /** How many bytes may wait to be persisted. */
  maxBytes: number;
  /** A thread that was begun before. Default: one that is begun now. */
  thread?: SqliteThread;
};

/**
 * The embedded write queue: a file of its own, synced with every record. It is locked for as long as it is open, so
 * that no second process uses the same data: SqliteError SQLITE_BUSY.
 */
export async function openSqliteWriteQueue(options: SqliteWriteQueueOptions): Promise<WriteQueue> {
  const connection = await SqliteConnection.open(options.path, { exclusive: true, thread: options.thread });
  try {
    return await resume(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function resume(connection: SqliteConnection, options: SqliteWriteQueueOptions): Promise<WriteQueue> {
  await connection.exec(SCHEMA);
  const deadLetters = await SqliteDeadLetters.open(connection);
  const persisted = await options.persisted();
  const [stored] = await connection.all<{ first: number | null; last: number | null }>(
    "SELECT MIN(sequence) AS first, MAX(sequence) AS last FROM records",
  );
  const [given] = await connection.all<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'records'");
  const waiting = await connection.all<{ sequence: number; bytes: number }>(
    "SELECT sequence, LENGTH(data) AS bytes FROM records WHERE sequence > ?",
    [persisted],
  );
  const end = Math.max(stored?.last ?? 0, given?.seq ?? 0);
  if (end < persisted) {
    throw new Error(
      `${options.path} ends at record ${end}, but the database has taken records up to ${persisted}: ` +
        "it is not the queue that belongs to this database; restore both from the same backup",
    );
  }
  const first = stored?.first ?? end + 1;
  if (first > persisted + 1) {
    throw new Error(
      `${options.path} begins at record ${first}, but the database has taken records up to ${persisted} only: ` +
        "what lies between is lost to it; restore both from the same backup",
    );
  }
  return new SqliteWriteQueue(connection, deadLetters, { maxBytes: options.maxBytes, persisted, end, waiting });
}

type State = {
  maxBytes: number;
  persisted: number;
  end: number;
  /** Bytes of each record that waits to be persisted, in order. */
  waiting: { sequence: number; bytes: number }[];
};

class SqliteWriteQueue implements WriteQueue {
  readonly #connection: SqliteConnection;
  readonly #deadLetters: SqliteDeadLetters;
  readonly #maxBytes: number;
  readonly #waiting: State["waiting"];
  #waitingBytes: number;
  #end: number;
  #persisted: number;
  readonly #tail = new RecordTail();
  readonly #stored = new EventTarget();

  constructor(
    connection: SqliteConnection,
    deadLetters: SqliteDeadLetters,
    { maxBytes, persisted, end, waiting }: State,
  ) {
    this.#connection = connection;
    this.#deadLetters = deadLetters;
    this.#maxBytes = maxBytes;
    this.#waiting = waiting;
    this.#waitingBytes = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#end = end;
    this.#persisted = persisted;
  }

  async append(data: Uint8Array, { id }: AppendOptions = {}): Promise<number> {
    if (this.#waitingBytes + data.byteLength > this.#maxBytes) throw new QueueFullError(this.#maxBytes);
    this.#waitingBytes += data.byteLength;
    let stored = false;
    try {
      const { changes, lastID: sequence } = await (id === undefined
        ? this.#connection.run(INSERT, [null, Date.now(), data])
        : this.#connection.run(INSERT_ONCE, [id, Date.now(), data, id]));
      stored = changes === 1;
      if (stored) this.#add({ sequence, data });
      return stored ? sequence : await this.#sequenceOf(id!);
    } catch (error) {
      throw new QueueUnavailableError(error);
    } finally {
      if (!stored) this.#waitingBytes -= data.byteLength;
    }
  }

  async #sequenceOf(id: string): Promise<number> {
    const [record] = await this.#connection.all<{ sequence: number }>("SELECT sequence FROM records WHERE id = ?", [
      id,
    ]);
    return record!.sequence;
  }

  #add(record: QueueRecord): void {
    this.#end = record.sequence;
    this.#waiting.push({ sequence: record.sequence, bytes: record.data.byteLength });
    this.#tail.add(record);
    this.#stored.dispatchEvent(new Event("stored"));
  }

  async read(after: number, limit: ReadLimit, signal: AbortSignal): Promise<QueueRecord[]> {
    for (;;) {
      const end = this.#end;
      const records = end > after ? await this.#recordsAfter(after, limit) : [];
      if (records.length > 0 || signal.aborted) return records;
      if (this.#end === end) await this.#nextStored(signal);
    }
  }

  async #recordsAfter(after: number, limit: ReadLimit): Promise<QueueRecord[]> {
    const held = this.#tail.after(after, limit);
    if (held) return held;
    const sizes = await this.#connection.all<{ sequence: number; bytes: number }>(
      "SELECT sequence, LENGTH(data) AS bytes FROM records WHERE sequence > ? ORDER BY sequence LIMIT ?",
      [after, limit.records],
    );
    const count = countWithin(
      sizes.map(({ bytes }) => bytes),
      limit.bytes,
    );
    return this.#connection.all<QueueRecord>(
      "SELECT sequence, data FROM records WHERE sequence > ? ORDER BY sequence LIMIT ?",
      [after, count],
    );
  }

  #nextStored(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#stored.removeEventListener("stored", done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#stored.addEventListener("stored", done);
      signal.addEventListener("abort", done);
    });
  }

  end(): Promise<number> {
    return Promise.resolve(this.#end);
  }

  persisted(sequence: number): void {
    this.#persisted = Math.max(this.#persisted, sequence);
    let done = 0;
    for (const { sequence: waiting, bytes } of this.#waiting) {
      if (waiting > sequence) break;
      this.#waitingBytes -= bytes;
      done++;
    }
    this.#waiting.splice(0, done);
    this.#tail.dropUpTo(sequence);
  }

  /** Sequences rise with time, so that the first record to keep is found by the index, not by reading those before. */
  async trim(beforeMs: number): Promise<number> {
    const statement = `DELETE FROM records WHERE sequence IN (SELECT sequence FROM records
       WHERE sequence <= ? AND sequence < COALESCE((SELECT sequence FROM records WHERE time >= ? ORDER BY sequence LIMIT 1), ${MAX_SEQUENCE})
       ORDER BY sequence LIMIT ${TRIM_CHUNK})`;
    for (let trimmed = 0; ; ) {
      const { changes } = await this.#connection.run(statement, [this.#persisted, beforeMs]);
      trimmed += changes;
      if (changes < TRIM_CHUNK) return trimmed;
    }
  }

  bury(letter: DeadLetter): Promise<void> {
    return this.#deadLetters.bury(letter);
  }

  deadLetters(after: CommitMark, limit: number): Promise<DeadLetter[]> {
    return this.#deadLetters.list(after, limit);
  }

  dropDeadLetter(mark: CommitMark): Promise<boolean> {
    return this.#deadLetters.drop(mark);
  }

  async backlog(): Promise<QueueBacklog> {
    return { records: this.#waiting.length, bytes: this.#waitingBytes };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
