import { type Attributes, Op, type Transaction } from "sequelize";
import { MAX_NUMBER } from "../aip/resource-name.ts";
import type { ApplicationRow } from "../application/application-model.ts";
import type { Database } from "../database/database.ts";

/** Chats that one statement deletes at most: it is answered in time, however many an application has. */
const STEP_CHATS = 10_000;

/** Changes only what belongs to the writer; with a deletion, its chats and keys go too. */
export async function persistApplication(
  database: Database,
  { token, lastChatNumber, countDue, deleteTime, changeSeq }: Attributes<ApplicationRow>,
  transaction: Transaction,
): Promise<void> {
  await database.applications.update(
    { lastChatNumber, countDue, deleteTime, changeSeq },
    { where: { token }, transaction },
  );
  if (typeof deleteTime !== "number") return;
  await deleteChats(database, { application: token, deleteTime }, transaction);
  await database.apiKeys.destroy({ where: { application: token }, transaction });
}

/** Marks the chats of an application as deleted, in the order of their numbers. */
async function deleteChats(
  { chats }: Database,
  { application, deleteTime }: { application: string; deleteTime: number },
  transaction: Transaction,
): Promise<void> {
  for (let after = 0; ; ) {
    const last = await chats.findOne({
      attributes: ["number"],
      where: { application, number: { [Op.gt]: after } },
      order: [["number", "ASC"]],
      offset: STEP_CHATS - 1,
      raw: true,
      transaction,
    });
    const number = { [Op.gt]: after, [Op.lte]: last?.number ?? MAX_NUMBER };
    await chats.update({ deleteTime }, { where: { application, number, deleteTime: null }, transaction });
    if (!last) return;
    after = last.number;
  }
}
