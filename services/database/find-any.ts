import { type Attributes, type Model, type ModelStatic, Op, type Transaction, type WhereOptions } from "sequelize";

/** Conditions of one query at most: SQLite refuses an expression of 1,000 levels, and each OR adds one. */
const MAX_CONDITIONS = 500;

/** The rows that meet any of the conditions, in any order; one query for each 500 conditions, none where there are none. */
export async function findAny<Row extends Model>(
  model: ModelStatic<Row>,
  conditions: readonly WhereOptions<Attributes<Row>>[],
  transaction?: Transaction,
): Promise<Attributes<Row>[]> {
  const found: Attributes<Row>[][] = [];
  for (let start = 0; start < conditions.length; start += MAX_CONDITIONS) {
    const where = { [Op.or]: conditions.slice(start, start + MAX_CONDITIONS) } as WhereOptions<Attributes<Row>>;
    found.push(await model.findAll({ where, raw: true, transaction }));
  }
  return found.flat();
}
