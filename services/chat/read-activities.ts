import type { Message } from "../../gen/parley/v1/message_pb.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { messageFromRow } from "../message/message-codec.ts";
import { type ActivityReader, activityStatement, type ChatActivity, type ReadPosition } from "./chat-activity.ts";

/** What happened in a chat, as a user sees it: the newest message, and how many it has not read. */
export type SeenActivity = { lastMessage: Message | undefined; unread: number };

/** Chats of one statement at most; SQLite takes 500. */
const CHATS_A_STATEMENT = 100;

/** What happened in chats of one application, by their numbers: of those where nothing did, too. */
export async function readActivities(
  database: Database,
  positions: readonly ReadPosition[],
  reader: ActivityReader,
): Promise<ReadonlyMap<number, SeenActivity>> {
  const activities = new Map<number, ChatActivity>();
  for (let start = 0; start < positions.length; start += CHATS_A_STATEMENT) {
    const statement = activityStatement(positions.slice(start, start + CHATS_A_STATEMENT), reader, database.quote);
    for (const activity of await database.select<ChatActivity>(statement)) activities.set(activity.chat, activity);
  }
  const keys = positions.flatMap(({ application, chat }) => {
    const newest = activities.get(chat)?.newest;
    return newest ? [{ application, chat, number: newest }] : [];
  });
  const messages = new Map((await findByKeys(database.messages, keys)).map((row) => [row.chat, messageFromRow(row)]));
  return new Map(
    positions.map(({ chat }) => {
      const unread = Number(activities.get(chat)?.unread ?? 0);
      return [chat, { lastMessage: messages.get(chat), unread }];
    }),
  );
}
