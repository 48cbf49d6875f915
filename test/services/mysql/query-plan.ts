import { QueryTypes } from "sequelize";
import type { Database } from "../../../services/database/database.ts";

/** How MySQL would read one table of a statement. */
type PlanStep = {
  table: string | null;
  type: string | null;
  key: string | null;
  rows: number | null;
  Extra: string | null;
};

/** Rows of a page or a pass: so many may be sorted, or taken from an index in its order. Every table has more. */
const FEW_ROWS = 1_000;

/** Does a work, and resolves with the statements that it executed, as MySQL gets them. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const { sequelize, select } = database;
  database.select = (statement) => {
    statements.push(statement);
    return select(statement);
  };
  const { options } = sequelize as unknown as { options: { logging: unknown } };
  options.logging = (line: string, { bind = [] }: { bind?: unknown[] | Record<string, unknown> }) => {
    const values = Object.values(bind);
    const sql = line.replace(/^Executing \([^)]*\): /, "");
    statements.push(values.length === 0 ? sql : sql.replaceAll("?", () => sequelize.escape(values.shift() as string)));
  };
  try {
    await work();
  } finally {
    options.logging = false;
    database.select = select;
  }
  return statements;
}

/** Whether a statement looks for rows. */
export function isSearch(statement: string): boolean {
  return /^\s*(SELECT|UPDATE|DELETE)/i.test(statement);
}

/** What is wrong with the way in which MySQL finds the rows of a statement; empty where nothing is. */
export async function faultsOf({ sequelize }: Database, statement: string): Promise<string[]> {
  const plan = await sequelize.query<PlanStep>(`EXPLAIN ${statement}`, { type: QueryTypes.SELECT });
  return plan.flatMap((step) => [faultOf(step)].filter((fault) => fault !== undefined));
}

/** The indexes in which MySQL looks for the rows of a statement. */
export async function indexesOf({ sequelize }: Database, statement: string): Promise<(string | null)[]> {
  const plan = await sequelize.query<PlanStep>(`EXPLAIN ${statement}`, { type: QueryTypes.SELECT });
  return plan.map(({ key }) => key);
}

function faultOf({ table, type, key, rows, Extra }: PlanStep): string | undefined {
  const isStored = table !== null && !table.startsWith("<") && !Extra?.includes("json_table");
  const isFew = (rows ?? 0) <= FEW_ROWS;
  if (isStored && (type === "ALL" || (type === "index" && !isFew))) return `${table} is read as a whole`;
  if (isStored && key === null && type !== null) return `${table} is read without an index`;
  if (Extra?.includes("filesort") && !isFew) return `${rows} rows of ${table} are sorted`;
  return undefined;
}
