import { createConnection, type RowDataPacket } from "mysql2/promise";
import { until } from "../measure/until.ts";

/** The messages of a database, chat by chat. */
export class PersistedMessages {
  readonly #mysqlUrl: string;

  constructor(mysqlUrl: string) {
    this.#mysqlUrl = mysqlUrl;
  }

  async count(): Promise<number> {
    const [row] = await this.#query("SELECT COUNT(*) AS count FROM messages");
    return Number(row!.count);
  }

  /** Resolves once there are as many as were answered, with how long that took, in milliseconds. */
  reached(answered: number): Promise<number> {
    return until(`${answered} messages are stored`, async () => (await this.count()) >= answered);
  }

  /** Resolves once the writer has passed a mark. Asks for its row alone, which costs the database little. */
  async persisted(mark: number): Promise<void> {
    const connection = await createConnection({ uri: this.#mysqlUrl });
    try {
      await until(`the writer is at ${mark}`, async () => {
        const [rows] = await connection.query<RowDataPacket[]>("SELECT mark FROM positions");
        return Number(rows[0]!.mark) >= mark;
      });
    } finally {
      connection.destroy();
    }
  }

  /** Rejects where there are not as many rows as answers, or a chat's numbers are not 1, 2, … N. */
  async check(answered: number): Promise<void> {
    const stored = await this.count();
    if (stored !== answered) throw new Error(`${answered} creates were answered, and ${stored} messages are stored`);
    const wrong = await this.#query(
      "SELECT chat, COUNT(*) AS count, MIN(number) AS first, MAX(number) AS last FROM messages GROUP BY application, chat " +
        "HAVING first <> 1 OR last <> count",
    );
    if (wrong.length > 0) throw new Error(`numbers are missing: ${JSON.stringify(wrong)}`);
  }

  async #query(statement: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({ uri: this.#mysqlUrl });
    try {
      return (await connection.query<RowDataPacket[]>(statement))[0];
    } finally {
      connection.destroy();
    }
  }
}
