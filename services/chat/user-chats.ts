import type { Attributes } from "sequelize";
import type { Chat } from "../../gen/parley/v1/chat_pb.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { notBanned } from "../member/not-banned.ts";
import { userSeesNotes } from "../message/notes.ts";
import { chatFromRow } from "./chat-codec.ts";
import type { ChatRow } from "./chat-model.ts";
import type { ChatViewer } from "./chat-viewer.ts";
import { readActivities } from "./read-activities.ts";
import { findShownMembers } from "./shown-members.ts";

/** A place in a user's list of chats: the time of a chat's last activity in milliseconds, and its number. */
export type ActivityPlace = { activity: number; number: number };

/** Which of a user's chats: those after a place, where one is given. */
export type UserChatsQuery = { after: ActivityPlace | undefined; limit: number; nowMs: number };

/** Chats as a user sees them, read from the database. */
export class UserChats {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * The chats that a user is a member of and not banned from, that of the latest activity first, in the application's
   * turn; rejects where `signal` aborts before it.
   */
  list(
    viewer: ChatViewer,
    query: UserChatsQuery,
    signal: AbortSignal,
  ): Promise<{ place: ActivityPlace; chat: Chat }[]> {
    const { application } = viewer;
    const read = async () => {
      const places = await this.#database.select<ActivityPlace>(this.#statement(viewer, query));
      const keys = places.map(({ number }) => ({ application, number }));
      const rows = await findByKeys(this.#database.chats, keys, { where: { deleteTime: null } });
      const chats = new Map((await this.#complete(rows, viewer)).map((chat) => [chat.number, chat]));
      return places.flatMap((place) => {
        const chat = chats.get(place.number);
        return chat ? [{ place, chat }] : [];
      });
    };
    return this.#database.largeReads.take(application, read, signal);
  }

  /** A chat as a user sees it. */
  async view(row: Attributes<ChatRow>, viewer: ChatViewer): Promise<Chat> {
    const [chat] = await this.#complete([row], viewer);
    return chat!;
  }

  async #complete(rows: readonly Attributes<ChatRow>[], viewer: ChatViewer): Promise<Chat[]> {
    const { application, user } = viewer;
    const notes = userSeesNotes(viewer);
    const { own, peers } = await findShownMembers(this.#database, rows, { application, user });
    const positions = rows.map(({ number: chat }) => ({ application, chat, readNumber: own.get(chat)?.readNumber }));
    const activities = await readActivities(this.#database, positions, { user, notes });
    return rows.map((row) => {
      const { lastMessage, unread } = activities.get(row.number)!;
      const [membership, peer] = [own.get(row.number), peers.get(row.number)];
      return Object.assign(chatFromRow(row, notes), { lastMessage, unreadCount: unread, membership, peer });
    });
  }

  #statement({ application, user }: ChatViewer, { after, limit, nowMs }: UserChatsQuery): string {
    const { quote } = this.#database;
    const activity = "COALESCE(c.last_message_time, c.create_time)";
    const isAfter = after
      ? ` AND (${activity}<${after.activity} OR (${activity}=${after.activity} AND c.number<${after.number}))`
      : "";
    return (
      `SELECT ${activity} AS activity, c.number AS number FROM members m ` +
      "JOIN chats c ON c.application=m.application AND c.number=m.chat " +
      `WHERE m.application=${quote(application)} AND m.user=${quote(user)} AND c.delete_time IS NULL ` +
      `AND ${notBanned(nowMs)}${isAfter} ` +
      `ORDER BY activity DESC, number DESC LIMIT ${limit}`
    );
  }
}
