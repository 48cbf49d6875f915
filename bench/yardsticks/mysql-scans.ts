import { createPool, type Pool, type RowDataPacket } from "mysql2/promise";
import type { Sample } from "../bench-case.ts";
import { percentile } from "../measure/percentile.ts";

/** Which messages: those of a chat just below a number, the newest first. */
export type MysqlScan = { application: string; chat: number; before: number; limit: number };

/** All that a message is made of. */
const COLUMNS = [
  ...["application", "chat", "number", "body", "author_user", "author_display_name", "author_type", "metadata"],
  ...["request_id", "revision", "create_time", "update_time", "edit_time", "delete_time"],
].join();
const STATEMENT = `SELECT ${COLUMNS} FROM messages WHERE application = ? AND chat = ? AND number < ? ORDER BY number DESC LIMIT ?`;

/**
 * Range scans of the primary key by mysql2 alone, in a loop. It has as many connections as a process of Parley, and as many
 * scans are asked for at the same time as calls are in flight there. Its statement is not prepared, as it is with Parley.
 * It has nothing else to do: no call comes in, and its rows are not answered to anybody.
 */
export class MysqlScans {
  readonly #pool: Pool;
  readonly #atOnce: number;

  constructor(mysqlUrl: string, { connections, atOnce }: { connections: number; atOnce: number }) {
    this.#pool = createPool({ uri: mysqlUrl, connectionLimit: connections });
    this.#atOnce = atOnce;
  }

  async read({ application, chat, before, limit }: MysqlScan): Promise<RowDataPacket[]> {
    return (await this.#pool.query<RowDataPacket[]>(STATEMENT, [application, chat, before, limit]))[0];
  }

  /** Scans in turns; rejects where one gives too few rows. */
  async sample(scans: readonly MysqlScan[], count: number): Promise<Sample> {
    const times: number[] = [];
    const begin = performance.now();
    let left = count;
    const work = async () => {
      while (left-- > 0) {
        const scan = scans[left % scans.length]!;
        const since = performance.now();
        const { length } = await this.read(scan);
        if (length !== scan.limit) throw new Error(`a scan gave ${length} rows`);
        times.push(performance.now() - since);
      }
    };
    await Promise.all(Array.from({ length: this.#atOnce }, work));
    const seconds = (performance.now() - begin) / 1_000;
    const sorted = Float64Array.from(times).sort();
    return { rate: count / seconds, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
