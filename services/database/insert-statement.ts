import type { Attributes, Model, ModelStatic } from "sequelize";

/** What becomes of rows whose keys exist: they get these columns anew. */
export type Upsert = { keys: readonly string[]; columns: readonly string[] };

/** A text with one of these is escaped as the dialect does it. */
const SPECIAL = /['"\\\0\b\t\n\r\x1a]/;

/**
 * A multi-row INSERT, for rows with every attribute of a model; a row that exists is an error unless there is an
 * `upsert`. Written here because Sequelize's bulkInsert takes 3.8 µs a row instead of 1.3.
 */
export function insertStatement<Row extends Model>(
  model: ModelStatic<Row>,
  rows: readonly Attributes<Row>[],
  upsert?: Upsert,
): string {
  const quote = (name: string) => model.sequelize!.getQueryInterface().quoteIdentifier(name);
  const attributes = Object.entries(model.getAttributes());
  const names = attributes.map(([name]) => name as keyof Attributes<Row>);
  const columns = attributes.map(([, { field }]) => quote(field!));
  const escapeText = (text: string) => model.sequelize!.escape(text);
  let statement = `INSERT INTO ${quote(model.getTableName() as string)} (${columns.join()}) VALUES `;
  let before = "(";
  for (const row of rows) {
    for (const name of names) {
      statement += before;
      statement += literalOf(row[name], escapeText);
      before = ",";
    }
    before = "),(";
  }
  return `${statement})${upsert ? conflictClause(model.sequelize!.getDialect(), upsert, quote) : ""}`;
}

function literalOf(value: unknown, escapeText: (text: string) => string): string | number {
  if (typeof value === "string") return SPECIAL.test(value) ? escapeText(value) : `'${value}'`;
  if (typeof value === "number") return value;
  if (value instanceof Uint8Array) return `X'${Buffer.from(value).toString("hex")}'`;
  if (value === null || value === undefined) return "NULL";
  throw new TypeError(`a row has a value of the type ${typeof value}, which no column takes`);
}

function conflictClause(dialect: string, { keys, columns }: Upsert, quote: (name: string) => string): string {
  const names = columns.map(quote);
  return dialect === "sqlite"
    ? ` ON CONFLICT (${keys.map(quote).join()}) DO UPDATE SET ${names.map((name) => `${name}=EXCLUDED.${name}`).join()}`
    : ` ON DUPLICATE KEY UPDATE ${names.map((name) => `${name}=VALUES(${name})`).join()}`;
}
