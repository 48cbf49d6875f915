import { Worker } from "node:worker_threads";
import { closedError, crashedError, SqliteError } from "./sqlite-error.ts";
import type { SqliteOpening, SqliteReply, SqliteRequest, SqliteTask, SqliteWorkerData } from "./sqlite-protocol.ts";

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

/** How a thread is begun. */
export type SqliteThreadOptions = {
  /** Whether its work can wait for that of all other threads: where the cores are busy it gets little of them. Linux only. */
  isPatient?: boolean;
};

/**
 * A worker thread for one SQLite file, so that neither a query nor an fsync blocks the event loop. It begins before it
 * is told which file, since that takes a while: 40 ms and 10 MB.
 */
export class SqliteThread {
  /**
   * Resolves when the thread was ended. Rejects with SqliteError where it ended before that; unless somebody handles it,
   * this ends the process as any rejection, for without its files it would only seem to work.
   */
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  #path = "";
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #gone: SqliteError | undefined;
  #ending: Promise<void> | undefined;

  constructor({ isPatient = false }: SqliteThreadOptions = {}) {
    const workerData: SqliteWorkerData = { isPatient };
    this.#worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData });
    let crash: Error | undefined;
    this.#worker.on("message", (reply: SqliteReply) => this.#settle(reply));
    this.#worker.on("error", (error) => {
      crash = error as Error;
    });
    this.exited = new Promise((resolve, reject) => {
      this.#worker.on("exit", (exitCode) => {
        const isExpected = this.#ending !== undefined;
        this.#gone = isExpected ? closedError(this.#path) : crashedError(this.#path, crash ?? exitCode);
        for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
        this.#waiting.clear();
        if (isExpected) resolve();
        else reject(this.#gone);
      });
    });
  }

  /** Opens the file. To be called once, before any other request. */
  open(opening: Omit<SqliteOpening, "kind">): Promise<void> {
    this.#path = opening.path;
    return this.request({ kind: "open", ...opening });
  }

  request<T>(request: SqliteRequest): Promise<T> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request } satisfies SqliteTask);
    });
  }

  /** Closes the file once what was asked before is done, and ends the thread. */
  end(): Promise<void> {
    this.#ending ??= this.#gone ? Promise.resolve() : this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const closed = this.request({ kind: "close" });
    this.#gone = closedError(this.#path);
    await closed;
    await this.exited;
  }

  #settle({ id, value, failure }: SqliteReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure) waiting?.reject(new SqliteError(failure));
    else waiting?.resolve(value as never);
  }
}
