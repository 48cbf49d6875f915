import { type Model, Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { removeRows } from "../database/remove-rows.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";

/** Chats, or applications, that are looked for at a time. */
const PAGE = 100;

/**
 * Removes what is left of deleted chats and applications. Their numbers do not come back: the high-water marks are
 * above them. A chat deleted by itself, or an application, stays until the search index has taken note of its deletion.
 * The chats of a deleted application may go before: their own marks do not move, and the index drops them all when it
 * comes to the application's.
 *
 * @param indexed the mark up to which the search index is fed
 */
export async function purge(database: Database, indexed: CommitMark): Promise<void> {
  await purgeChats(database, indexed);
  await purgeApplications(database, indexed);
}

/** Removes the messages and members of deleted chats, then the chats. */
async function purgeChats(database: Database, indexed: CommitMark): Promise<void> {
  for (;;) {
    const chats = await database.chats.findAll({
      attributes: ["application", "number"],
      where: { deleteTime: { [Op.ne]: null }, changeSeq: { [Op.lte]: indexed } },
      limit: PAGE,
      raw: true,
    });
    for (const [application, own] of Map.groupBy(chats, ({ application }) => application)) {
      const numbers = own.map(({ number }) => number);
      for (const chat of numbers) {
        await removeRows(database.messages, { application, chat });
        await removeRows(database.members, { application, chat });
      }
      await database.chats.destroy({ where: { application, number: numbers } });
    }
    if (chats.length < PAGE) return;
  }
}

/** Removes deleted applications that have no chats left, and first their users with all that is theirs. */
async function purgeApplications(database: Database, indexed: CommitMark): Promise<void> {
  const { applications, chats, users, sessions, mailTokens, tokenKeys } = database;
  for (let after: CommitMark = 0; ; ) {
    const gone = await applications.findAll({
      attributes: ["token", "changeSeq"],
      where: { deleteTime: { [Op.ne]: null }, changeSeq: { [Op.gt]: after, [Op.lte]: indexed } },
      order: [["changeSeq", "ASC"]],
      limit: PAGE,
      raw: true,
    });
    const tokens = new Set(gone.map(({ token }) => token));
    const left = await chats.findAll({
      attributes: ["application"],
      where: { application: [...tokens] },
      group: "application",
      raw: true,
    });
    for (const { application } of left) tokens.delete(application);
    for (const application of tokens) {
      for (const owned of [sessions, mailTokens, tokenKeys, users]) await removeRows<Model>(owned, { application });
    }
    await applications.destroy({ where: { token: [...tokens] } });
    if (gone.length < PAGE) return;
    after = gone.at(-1)!.changeSeq!;
  }
}
