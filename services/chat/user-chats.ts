import type { Attributes } from "sequelize";
import type { Chat } from "../../gen/parley/v1/chat_pb.ts";
import type { UserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { memberFromRow } from "../member/member-codec.ts";
import type { MemberRow } from "../member/member-model.ts";
import { messageFromRow } from "../message/message-codec.ts";
import { activityStatement, type ChatActivity, type ReadPosition } from "./chat-activity.ts";
import { chatFromRow } from "./chat-codec.ts";
import type { ChatRow } from "./chat-model.ts";

/** A place in a user's list of chats: the time of a chat's last activity in milliseconds, and its number. */
export type ActivityPlace = { activity: number; number: number };

/** Which of a user's chats: those after a place, where one is given. */
export type UserChatsQuery = { after: ActivityPlace | undefined; limit: number; nowMs: number };

/** Chats of one statement at most; SQLite takes 500. */
const CHATS_A_STATEMENT = 100;

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
  list(name: UserName, query: UserChatsQuery, signal: AbortSignal): Promise<{ place: ActivityPlace; chat: Chat }[]> {
    const { application, user } = name;
    const read = async () => {
      const places = await this.#database.select<ActivityPlace>(this.#statement(name, query));
      const keys = places.map(({ number }) => ({ application, number }));
      const rows = await findByKeys(this.#database.chats, keys, { where: { deleteTime: null } });
      const chats = new Map((await this.#complete(rows, user, false)).map((chat) => [chat.number, chat]));
      return places.flatMap((place) => {
        const chat = chats.get(place.number);
        return chat ? [{ place, chat }] : [];
      });
    };
    return this.#database.largeReads.take(application, read, signal);
  }

  /**
   * A chat as a user sees it.
   *
   * @param notes whether it sees internal notes
   */
  async view(row: Attributes<ChatRow>, user: string, notes: boolean): Promise<Chat> {
    const [chat] = await this.#complete([row], user, notes);
    return chat!;
  }

  async #complete(rows: readonly Attributes<ChatRow>[], user: string, notes: boolean): Promise<Chat[]> {
    const memberKeys = rows.map(({ application, number }) => ({ application, user, chat: number }));
    const memberRows = await findByKeys(this.#database.members, memberKeys);
    const members = new Map(memberRows.map((row) => [row.chat, row]));
    const activities = await this.#activities(rows, members, { user, notes });
    const messageKeys = rows.flatMap(({ application, number }) => {
      const newest = activities.get(number)?.newest;
      return newest ? [{ application, chat: number, number: newest }] : [];
    });
    const messages = new Map((await findByKeys(this.#database.messages, messageKeys)).map((row) => [row.chat, row]));
    return rows.map((row) => {
      const [message, member] = [messages.get(row.number), members.get(row.number)];
      return Object.assign(chatFromRow(row, notes), {
        lastMessage: message && messageFromRow(message),
        unreadCount: Number(member ? (activities.get(row.number)?.unread ?? 0) : 0),
        membership: member && memberFromRow(member),
      });
    });
  }

  async #activities(
    rows: readonly Attributes<ChatRow>[],
    members: ReadonlyMap<number, Attributes<MemberRow>>,
    reader: { user: string; notes: boolean },
  ): Promise<ReadonlyMap<number, ChatActivity>> {
    const found = new Map<number, ChatActivity>();
    const quote = (text: string) => this.#database.sequelize.escape(text);
    for (let start = 0; start < rows.length; start += CHATS_A_STATEMENT) {
      const positions = rows.slice(start, start + CHATS_A_STATEMENT).map(
        ({ application, number }): ReadPosition => ({
          ...{ application, chat: number },
          readNumber: members.get(number)?.readNumber,
        }),
      );
      const statement = activityStatement(positions, reader, quote);
      for (const activity of await this.#database.select<ChatActivity>(statement)) found.set(activity.chat, activity);
    }
    return found;
  }

  #statement({ application, user }: UserName, { after, limit, nowMs }: UserChatsQuery): string {
    const quote = (text: string) => this.#database.sequelize.escape(text);
    const activity = "COALESCE(c.last_message_time, c.create_time)";
    const isAfter = after
      ? ` AND (${activity}<${after.activity} OR (${activity}=${after.activity} AND c.number<${after.number}))`
      : "";
    return (
      `SELECT ${activity} AS activity, c.number AS number FROM members m ` +
      "JOIN chats c ON c.application=m.application AND c.number=m.chat " +
      `WHERE m.application=${quote(application)} AND m.user=${quote(user)} AND c.delete_time IS NULL ` +
      `AND (m.ban_expire_time IS NULL OR m.ban_expire_time<=${nowMs})${isAfter} ` +
      `ORDER BY activity DESC, number DESC LIMIT ${limit}`
    );
  }
}
