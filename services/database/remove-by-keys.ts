import {
  type Attributes,
  literal,
  type Model,
  type ModelStatic,
  Op,
  type Transaction,
  type WhereOptions,
} from "sequelize";
import { isOneOf, MAX_KEYS } from "./find-by-keys.ts";

/** Removes the rows under these keys: one statement for each 500, none where there are none. As findByKeys takes them. */
export async function removeByKeys<Row extends Model>(
  model: ModelStatic<Row>,
  keys: readonly Partial<Attributes<Row>>[],
  transaction: Transaction,
): Promise<void> {
  for (let start = 0; start < keys.length; start += MAX_KEYS) {
    const condition = literal(isOneOf(model, keys.slice(start, start + MAX_KEYS)));
    await model.destroy({ where: { [Op.and]: [condition] } as WhereOptions<Attributes<Row>>, transaction });
  }
}
