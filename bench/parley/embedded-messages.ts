import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 120_000;
const POLL_MS = 10;

/** The messages in a folder of the embedded default, which may be in use. */
export class EmbeddedMessages {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves once there are as many as were answered, with how long that took, in milliseconds. */
  reached(answered: number): Promise<number> {
    return this.#wait(`${answered} messages`, () => this.#numbersGiven() >= answered);
  }

  /** Resolves once the search index has all that the database has, with how long that took, in milliseconds. */
  indexed(): Promise<number> {
    const mark = this.#first("parley.sqlite", "SELECT mark AS value FROM positions");
    const position = () => this.#first("search.sqlite", "SELECT position AS value FROM progress");
    return this.#wait(`all in the index`, () => position() >= mark);
  }

  /** Rejects where there are not as many rows as answers, or a chat's numbers are not 1, 2, … N. */
  async check(answered: number): Promise<void> {
    const stored = this.#first("parley.sqlite", "SELECT COUNT(*) AS value FROM messages");
    if (stored !== answered) throw new Error(`${answered} creates were answered, and ${stored} messages are stored`);
    const wrong = this.#first(
      "parley.sqlite",
      `SELECT COUNT(*) AS value FROM (
         SELECT 1 FROM messages GROUP BY application, chat HAVING MIN(number) <> 1 OR MAX(number) <> COUNT(*))`,
    );
    if (wrong > 0) throw new Error(`numbers are missing in ${wrong} chats`);
  }

  /** As the chats say, whose rows are few. */
  #numbersGiven(): number {
    return this.#first("parley.sqlite", "SELECT COALESCE(SUM(last_number), 0) AS value FROM chats");
  }

  async #wait(wanted: string, isReached: () => boolean): Promise<number> {
    const since = performance.now();
    while (!isReached()) {
      if (performance.now() > since + PATIENCE_MS) throw new Error(`${wanted}: not after ${PATIENCE_MS} ms`);
      await delay(POLL_MS);
    }
    return performance.now() - since;
  }

  #first(file: string, sql: string): number {
    const database = new DatabaseSync(join(this.#folder, file), { readOnly: true, timeout: 5_000 });
    try {
      return Number(database.prepare(sql).get()!.value);
    } finally {
      database.close();
    }
  }
}
