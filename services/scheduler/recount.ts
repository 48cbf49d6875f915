import { QueryTypes } from "sequelize";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";

/** A count to be brought up to date. */
type Count = {
  /** The table that keeps it. */
  table: "chats" | "applications";
  column: string;
  /** The primary key of that table, with its types in MySQL. */
  key: Record<string, string>;
  /** Counts what belongs to a row of the table. */
  counted: string;
};

const TEXT = "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/** Tombstones count as messages; deleted chats do not count as chats. */
const COUNTS: Count[] = [
  {
    table: "chats",
    column: "messages_count",
    key: { application: TEXT, number: "INT" },
    counted: `SELECT COUNT(*) FROM messages WHERE messages.application = chats.application AND messages.chat = chats.number`,
  },
  {
    table: "applications",
    column: "chats_count",
    key: { token: TEXT },
    counted: `SELECT COUNT(*) FROM chats WHERE chats.application = applications.token AND chats.delete_time IS NULL`,
  },
];

/** Rows of one UPDATE at most. */
const MAX_ROWS = 50_000;

/** Brings `messages_count` and `chats_count` up to date where they may have changed: one UPDATE a table. */
export async function recount(database: Database): Promise<void> {
  const isMysql = database.sequelize.getDialect() === "mysql";
  for (const count of COUNTS) await (isMysql ? recountBeside(database, count) : recountAlone(database, count));
}

/** For SQLite, where nobody else writes meanwhile. */
async function recountAlone({ sequelize }: Database, { table, column, counted }: Count): Promise<void> {
  await sequelize.query(`UPDATE ${table} SET count_due = 0, ${column} = (${counted}) WHERE count_due <> 0`);
}

/**
 * For MySQL, where the writer goes on. Counting within the UPDATE would lock every message that is counted, so it comes
 * before. A row is changed only where `count_due` is what it was when its count was taken: otherwise something came
 * since, and the row stays due.
 */
async function recountBeside(database: Database, count: Count): Promise<void> {
  const newest = await newestDue(database, count);
  for (;;) {
    const rows = await takeCounts(database, count, newest);
    if (rows.length > 0) await retryDeadlock(() => storeCounts(database, count, rows));
    if (rows.length < MAX_ROWS) return;
  }
}

/** What comes later is left to the next recount, so that this one ends. */
async function newestDue({ sequelize }: Database, { table }: Count): Promise<number> {
  const sql = `SELECT MAX(count_due) AS newest FROM ${table}`;
  const [row] = await sequelize.query<{ newest: number | null }>(sql, { type: QueryTypes.SELECT });
  return row!.newest ?? 0;
}

/** Resolves with rows of the key, `count_due` and the count, as they were at one moment, in the order of the key. */
async function takeCounts({ sequelize }: Database, { table, key, counted }: Count, newest: number) {
  const due = `count_due > 0 AND count_due <= ${newest} ORDER BY count_due LIMIT ${MAX_ROWS}`;
  const sql = `SELECT ${Object.keys(key).join()}, count_due, (${counted}) AS counted FROM ${table} WHERE ${due}`;
  const rows = await sequelize.query<Record<string, string | number>>(sql, { type: QueryTypes.SELECT });
  return rows.map((row) => Object.values(row)).sort(byKey);
}

/** The writer changes rows in this order too, so none waits for the other in a circle. */
function byKey(one: (string | number)[], other: (string | number)[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return one[at]! < other[at]! ? -1 : 1;
}

async function storeCounts({ sequelize }: Database, { table, column, key }: Count, rows: unknown[]): Promise<void> {
  const types = Object.entries({ ...key, count_due: "BIGINT", counted: "INT" });
  const columns = types.map(([name, type], index) => `${name} ${type} PATH '$[${index}]'`).join();
  const isKey = Object.keys(key).map((name) => `${table}.${name} = counts.${name}`);
  await sequelize.query(
    `UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (${columns})) AS counts STRAIGHT_JOIN ${table} ON ${isKey.join(" AND ")}
     SET ${table}.${column} = counts.counted, ${table}.count_due = 0
     WHERE ${table}.count_due = counts.count_due`,
    { replacements: { rows: JSON.stringify(rows) } },
  );
}
