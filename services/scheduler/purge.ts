import { type Attributes, Op } from "sequelize";
import type { ChatRow } from "../chat/chat-model.ts";
import type { Database } from "../database/database.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";

const CHATS = 100;
const MESSAGES = 1_000;

/** Removes the messages of a deleted chat a thousand at a time, then the chat. */
async function purgeChat({ messages, chats }: Database, chat: Pick<Attributes<ChatRow>, "application" | "number">) {
  const own = { application: chat.application, chat: chat.number };
  for (;;) {
    const order: [string, string][] = [["number", "ASC"]];
    const attributes = ["number"];
    const last = await messages.findOne({ attributes, where: own, order, offset: MESSAGES - 1, raw: true });
    await messages.destroy({ where: last ? { ...own, number: { [Op.lte]: last.number } } : own });
    if (!last) break;
  }
  await chats.destroy({ where: { application: chat.application, number: chat.number } });
}

/**
 * Removes what is left of deleted chats and applications. Their numbers do not come back: the high-water marks are
 * above them. A chat deleted by itself, or an application, stays until the search index has taken note of its deletion.
 * The chats of a deleted application may go before: their own marks do not move, and the index drops them all when it
 * comes to the application's.
 *
 * @param indexed the mark up to which the search index is fed
 */
export async function purge(database: Database, indexed: CommitMark): Promise<void> {
  const gone = { deleteTime: { [Op.ne]: null }, changeSeq: { [Op.lte]: indexed } };
  for (;;) {
    const chats = await database.chats.findAll({
      attributes: ["application", "number"],
      where: gone,
      limit: CHATS,
      raw: true,
    });
    for (const chat of chats) await purgeChat(database, chat);
    if (chats.length < CHATS) break;
  }
  const left = await database.chats.findAll({
    attributes: ["application"],
    where: { deleteTime: { [Op.ne]: null } },
    group: "application",
    raw: true,
  });
  const withChats = left.map(({ application }) => application);
  await database.applications.destroy({ where: { ...gone, token: { [Op.notIn]: withChats } } });
}
