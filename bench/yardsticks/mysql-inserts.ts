import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import type { Sample } from "../bench-case.ts";

/** Rows of one INSERT. */
const ROWS = 1_000;

/** A loop of bare INSERTs by mysql2, into a table of the same definition as another one. */
export class MysqlInserts {
  readonly #connection: Connection;
  readonly #table: string;

  private constructor(connection: Connection, table: string) {
    this.#connection = connection;
    this.#table = table;
  }

  static async open(mysqlUrl: string, table: string): Promise<MysqlInserts> {
    const connection = await createConnection({ uri: mysqlUrl, supportBigNumbers: true });
    await connection.query(`CREATE TABLE bare_${table} LIKE ${table}`);
    return new MysqlInserts(connection, `bare_${table}`);
  }

  /** Rows with a value for each column. Making them takes no time of the sample. */
  async insert(rows: Iterable<unknown[]>): Promise<Sample> {
    let [count, milliseconds] = [0, 0];
    for (const chunk of chunksOf(rows)) {
      const since = performance.now();
      await this.#connection.query(`INSERT INTO ${this.#table} VALUES ?`, [chunk]);
      milliseconds += performance.now() - since;
      count += chunk.length;
    }
    return { rate: (count / milliseconds) * 1_000 };
  }

  async count(): Promise<number> {
    const [rows] = await this.#connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS count FROM ${this.#table}`);
    return Number(rows[0]!.count);
  }

  close(): void {
    this.#connection.destroy();
  }
}

function* chunksOf(rows: Iterable<unknown[]>): Generator<unknown[][]> {
  let chunk: unknown[][] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
