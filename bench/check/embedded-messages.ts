import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { until } from "../measure/until.ts";

/** The messages in a folder of the embedded default, which may be in use. */
export class EmbeddedMessages {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves once there are as many as were answered, with how long that took, in milliseconds. */
  reached(answered: number): Promise<number> {
    return until(`${answered} messages are stored`, () => this.#numbersGiven() >= answered);
  }

  /** Resolves once the search index has all that the database has, with how long that took, in milliseconds. */
  indexed(): Promise<number> {
    const mark = this.#first("parley.sqlite", "SELECT mark AS value FROM positions");
    const position = () => this.#first("search.sqlite", "SELECT position AS value FROM progress");
    return until("all are in the index", () => position() >= mark);
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

  #first(file: string, sql: string): number {
    const database = new DatabaseSync(join(this.#folder, file), { readOnly: true, timeout: 5_000 });
    try {
      return Number(database.prepare(sql).get()!.value);
    } finally {
      database.close();
    }
  }
}
