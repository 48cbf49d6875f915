import {
  type Attributes,
  literal,
  type Model,
  type ModelStatic,
  Op,
  type Transaction,
  type WhereOptions,
} from "sequelize";

/** Keys of one statement at most. */
export const MAX_KEYS = 500;

/** What rows must be beside being under a key, and how to read them. */
export type FindOptions<Row extends Model> = {
  where?: WhereOptions<Attributes<Row>>;
  /** Which ones to read; all where it is not set. */
  attributes?: (keyof Attributes<Row> & string)[];
  transaction?: Transaction | undefined;
  /** Whether nobody else may change them until the transaction ends. */
  lock?: boolean;
};

/**
 * The rows under these keys, in any order; one query for each 500 keys, none where there are none. A key names the
 * attributes of an index; all name the same ones.
 */
export async function findByKeys<Row extends Model>(
  model: ModelStatic<Row>,
  keys: readonly Partial<Attributes<Row>>[],
  { where = {}, attributes, transaction, lock = false }: FindOptions<Row> = {},
): Promise<Attributes<Row>[]> {
  const found: Attributes<Row>[][] = [];
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const condition = literal(isOneOf(model, keys.slice(start, start + MAX_KEYS)));
    const conditions = { [Op.and]: [condition, where] } as WhereOptions<Attributes<Row>>;
    const read = { where: conditions, attributes, raw: true, transaction };
    found.push(await model.findAll({ ...read, lock: lock && transaction!.LOCK.UPDATE }));
  }
  return found.flat();
}

/** The condition that a row is under one of these keys: `(a, b) IN ((1, 2), (3, 4))`, which MySQL and SQLite look up in an index, unlike what is joined by OR cheap to plan. */
export function isOneOf<Row extends Model>(model: ModelStatic<Row>, keys: readonly Partial<Attributes<Row>>[]): string {
  const sequelize = model.sequelize!;
  const attributes = Object.keys(keys[0]!) as (keyof Attributes<Row>)[];
  const fields = model.getAttributes();
  const columns = attributes.map((name) => sequelize.getQueryInterface().quoteIdentifier(fields[name].field!));
  const tuples = keys.map((key) => `(${attributes.map((name) => sequelize.escape(key[name] as string)).join()})`);
  const values = sequelize.getDialect() === "sqlite" ? `VALUES ${tuples.join()}` : tuples.join();
  return `(${columns.join()}) IN (${values})`;
}
