import { QueryTypes } from "sequelize";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";

/** The counts of a table to be brought up to date. */
type Counts = {
  table: "chats" | "applications";
  /** The primary key of that table, with its types in MySQL. */
  key: Record<string, string>;
  /** What counts what belongs to a row of the table, by the column that keeps it. */
  counted: Record<string, string>;
};

const TEXT = "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

const MESSAGES = `SELECT COUNT(*) FROM messages
  WHERE messages.application = chats.application AND messages.chat = chats.number`;

/** Tombstones count as messages; deleted chats do not count as chats. Only support sessions have internal notes. */
const COUNTS: Counts[] = [
  {
    table: "chats",
    key: { application: TEXT, number: "INT" },
    counted: {
      messages_count: MESSAGES,
      internal_count: `CASE chats.kind WHEN ${Chat_Kind.SUPPORT} THEN (${MESSAGES} AND messages.internal = 1) ELSE 0 END`,
    },
  },
  {
    table: "applications",
    key: { token: TEXT },
    counted: {
      chats_count: `SELECT COUNT(*) FROM chats
        WHERE chats.application = applications.token AND chats.delete_time IS NULL`,
    },
  },
];

/** Rows of one UPDATE at most. */
const MAX_ROWS = 50_000;

/** Brings the counts of messages and chats up to date where they may have changed: one UPDATE a table. */
export async function recount(database: Database): Promise<void> {
  const isMysql = database.sequelize.getDialect() === "mysql";
  for (const counts of COUNTS) await (isMysql ? recountBeside(database, counts) : recountAlone(database, counts));
}

/** For SQLite, where nobody else writes meanwhile. */
async function recountAlone({ sequelize }: Database, { table, counted }: Counts): Promise<void> {
  const settings = Object.entries(counted).map(([column, count]) => `${column} = (${count})`);
  await sequelize.query(`UPDATE ${table} SET count_due = 0, ${settings.join()} WHERE count_due <> 0`);
}

/**
 * For MySQL, where the writer goes on. Counting within the UPDATE would lock every message that is counted, so it comes
 * before. A row is changed only where `count_due` is what it was when its count was taken: otherwise something came
 * since, and the row stays due.
 */
async function recountBeside(database: Database, counts: Counts): Promise<void> {
  const newest = await newestDue(database, counts);
  for (;;) {
    const rows = await takeCounts(database, counts, newest);
    if (rows.length > 0) await retryDeadlock(() => storeCounts(database, counts, rows));
    if (rows.length < MAX_ROWS) return;
  }
}

/** What comes later is left to the next recount, so that this one ends. */
async function newestDue({ sequelize }: Database, { table }: Counts): Promise<number> {
  const sql = `SELECT MAX(count_due) AS newest FROM ${table}`;
  const [row] = await sequelize.query<{ newest: number | null }>(sql, { type: QueryTypes.SELECT });
  return row!.newest ?? 0;
}

/** Resolves with rows of the key, `count_due` and the counts, as they were at one moment, in the order of the key. */
async function takeCounts({ sequelize }: Database, { table, key, counted }: Counts, newest: number) {
  const due = `count_due > 0 AND count_due <= ${newest} ORDER BY count_due LIMIT ${MAX_ROWS}`;
  const counts = Object.entries(counted).map(([column, count]) => `(${count}) AS counted_${column}`);
  const sql = `SELECT ${[...Object.keys(key), "count_due", ...counts].join()} FROM ${table} WHERE ${due}`;
  const rows = await sequelize.query<Record<string, string | number>>(sql, { type: QueryTypes.SELECT });
  return rows.map((row) => Object.values(row)).sort(byKey);
}

/** The writer changes rows in this order too, so none waits for the other in a circle. */
function byKey(one: (string | number)[], other: (string | number)[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return one[at]! < other[at]! ? -1 : 1;
}

async function storeCounts({ sequelize }: Database, { table, key, counted }: Counts, rows: unknown[]): Promise<void> {
  const counts = Object.keys(counted);
  const types = [...Object.entries({ ...key, count_due: "BIGINT" }), ...counts.map((column) => [column, "INT"])];
  const columns = types.map(([name, type], index) => `${name} ${type} PATH '$[${index}]'`).join();
  const isKey = Object.keys(key).map((name) => `${table}.${name} = counts.${name}`);
  await sequelize.query(
    `UPDATE JSON_TABLE(:rows, '$[*]' COLUMNS (${columns})) AS counts STRAIGHT_JOIN ${table} ON ${isKey.join(" AND ")}
     SET ${counts.map((column) => `${table}.${column} = counts.${column}`).join()}, ${table}.count_due = 0
     WHERE ${table}.count_due = counts.count_due`,
    { replacements: { rows: JSON.stringify(rows) } },
  );
}
