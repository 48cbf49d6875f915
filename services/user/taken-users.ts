import type { Attributes, Transaction } from "sequelize";
import { formatUserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { UserRow } from "./user-model.ts";

type Row = Attributes<UserRow>;

/** Another user of the application has, or had, the id; or has the address. */
export class UserTakenError extends Error {
  readonly what: "id" | "email";
  /** The name of that user. */
  readonly resource: string;

  constructor(what: "id" | "email", resource: string) {
    super(`${resource} has the ${what}`);
    this.what = what;
    this.resource = resource;
  }
}

/** Refuses the row of a new user by UserTakenError. The ids of deleted users are not free. */
export async function checkUserFree(database: Database, row: Row, transaction: Transaction): Promise<void> {
  const { application, id } = row;
  const where = { application, id };
  const known = await database.users.findOne({ attributes: ["id"], where, raw: true, transaction });
  if (known) throw new UserTakenError("id", formatUserName({ application, user: id }));
  await checkAddressFree(database, row, transaction);
}

/** Refuses an address that another user has by UserTakenError. */
export async function checkAddressFree(
  database: Database,
  { application, id, email }: Row,
  transaction: Transaction,
): Promise<void> {
  if (email === null) return;
  const where = { application, email };
  const known = await database.users.findOne({ attributes: ["id"], where, raw: true, transaction });
  if (known && known.id !== id) throw new UserTakenError("email", formatUserName({ application, user: known.id }));
}
