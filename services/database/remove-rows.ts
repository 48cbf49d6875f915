import type { Attributes, Model, ModelStatic, WhereOptions } from "sequelize";

/** Rows of one DELETE at most: what is locked meanwhile stays little, and so does what has to be undone. */
const STEP_ROWS = 1_000;

/** Removes the rows that meet a condition, a thousand at a time. */
export async function removeRows<Row extends Model>(
  model: ModelStatic<Row>,
  where: WhereOptions<Attributes<Row>>,
): Promise<void> {
  while ((await model.destroy({ where, limit: STEP_ROWS })) === STEP_ROWS);
}
