import type { ChatName } from "../aip/resource-name.ts";

/** How far a user has read in a chat; undefined where it is no member. */
export type ReadPosition = ChatName & { readNumber: number | undefined };

/** Who reads: what this user wrote is not unread. `notes`: whether it sees internal notes. */
export type ActivityReader = { user: string; notes: boolean };

/** What happened in a chat, as a user sees it: the number of the newest message, and how many it has not read. */
export type ChatActivity = { chat: number; newest: number | null; unread: number };

/** Unread messages are counted up to here. */
const UNREAD_MAX = 1_000;

/**
 * The SELECT of what happened in chats: one row a chat, each with two look-ups in the messages' primary key. Written here
 * because a query a chat takes as long as all of it.
 */
export function activityStatement(
  positions: readonly ReadPosition[],
  { user, notes }: ActivityReader,
  quote: (text: string) => string,
): string {
  const visible = notes ? "" : " AND internal=0";
  const byOthers = `(author_user IS NULL OR author_user<>${quote(user)})`;
  const selects = positions.map(({ application, chat, readNumber }) => {
    const of = `FROM messages WHERE application=${quote(application)} AND chat=${chat}${visible}`;
    const unread = `SELECT 1 ${of} AND number>${readNumber} AND delete_time IS NULL AND system_event IS NULL AND ${byOthers}`;
    const newest = `(SELECT number ${of} ORDER BY number DESC LIMIT 1)`;
    const count = readNumber === undefined ? "0" : `(SELECT COUNT(*) FROM (${unread} LIMIT ${UNREAD_MAX}) AS unread)`;
    return `SELECT ${chat} AS chat, ${newest} AS newest, ${count} AS unread`;
  });
  return selects.join(" UNION ALL ");
}
