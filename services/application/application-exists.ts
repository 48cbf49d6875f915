import type { Transaction } from "sequelize";
import type { Database } from "../database/database.ts";

/** How an application is looked up: in a transaction, and whether it stays as it is until that ends. */
export type ApplicationLookUp = { transaction?: Transaction | undefined; lock?: boolean };

/** Whether the database has an application, not deleted. */
export async function applicationExists(
  { applications }: Database,
  token: string,
  { transaction, lock = false }: ApplicationLookUp = {},
): Promise<boolean> {
  const where = { token, deleteTime: null };
  return (await applications.findOne({ attributes: ["token"], where, raw: true, transaction, lock })) !== null;
}
