import { type Attributes, Op } from "sequelize";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { MessageFields, MessageRow } from "./message-model.ts";

/** Which numbers: `after` and `before` are exclusive. */
export type NumberRange = { after: number; before: number };

/** What a page of messages is asked for. */
export type MessageQuery = NumberRange & {
  author?: string;
  /** Whether internal notes are left out. Default: no. */
  withoutNotes?: boolean;
  newestFirst: boolean;
  limit: number;
};

/** What a message is made of, as a row of Sequelize's has it, beside its chat's name. */
export const MESSAGE_COLUMNS = [
  ...["number", "body", "author_user AS authorUser", "author_display_name AS authorDisplayName"],
  ...["author_type AS authorType", "metadata", "request_id AS requestId", "revision", "create_time AS createTime"],
  ...["update_time AS updateTime", "edit_time AS editTime", "delete_time AS deleteTime"],
  ...["internal", "reply_to AS replyTo", "reactions", "system_event AS systemEvent"],
].join();

/** Messages, read from the database. Reads of many wait for their application's turn, and for no longer than `signal`. */
export class MessageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async hasChat({ application, chat }: ChatName): Promise<boolean> {
    const where = { application, number: chat, deleteTime: null };
    return (await this.#database.chats.findOne({ attributes: ["number"], where, raw: true })) !== null;
  }

  async find({ application, chat, message }: MessageName): Promise<Attributes<MessageRow> | undefined> {
    const where = { application, chat, number: message };
    return (await this.#database.messages.findOne({ where, raw: true })) ?? undefined;
  }

  /** The messages of a chat that have these numbers, in any order. */
  findAll(
    { application, chat }: ChatName,
    numbers: readonly number[],
    signal: AbortSignal,
  ): Promise<Attributes<MessageRow>[]> {
    const where = { application, chat, number: [...numbers] };
    const read = () => this.#database.messages.findAll({ where, raw: true });
    return this.#database.largeReads.take(application, read, signal);
  }

  /** A page of a chat that exists. */
  list(chat: ChatName, query: MessageQuery, signal: AbortSignal): Promise<MessageFields[]> {
    return this.#select(chat, this.#statement(chat, query), signal);
  }

  /** The same, undefined where the chat does not exist. A page that has messages tells by itself: the chat is looked at only once. */
  async listIn(chat: ChatName, query: MessageQuery, signal: AbortSignal): Promise<MessageFields[] | undefined> {
    const { application, chat: number } = chat;
    const quoted = this.#database.quote(application);
    const living = `SELECT 1 FROM chats WHERE application=${quoted} AND number=${number} AND delete_time IS NULL`;
    const rows = await this.#select(chat, this.#statement(chat, query, ` AND EXISTS (${living})`), signal);
    return rows.length > 0 || (await this.hasChat(chat)) ? rows : undefined;
  }

  #select({ application, chat }: ChatName, statement: string, signal: AbortSignal): Promise<MessageFields[]> {
    const read = async () => {
      const rows = await this.#database.select<MessageFields>(statement);
      for (const row of rows) Object.assign(row, { application, chat });
      return rows;
    };
    return this.#database.largeReads.take(application, read, signal);
  }

  /** Written here because Sequelize's models took 350 µs for a page, and a statement of one's own through Sequelize 140 to 200. */
  #statement({ application, chat }: ChatName, query: MessageQuery, condition = ""): string {
    const { after, before, author, withoutNotes = false, newestFirst, limit } = query;
    const { quote } = this.#database;
    const by = author === undefined ? "" : ` AND author_user=${quote(author)}`;
    const visible = withoutNotes ? " AND internal=0" : "";
    const range = `application=${quote(application)} AND chat=${chat} AND number>${after} AND number<${before}`;
    const order = newestFirst ? "DESC" : "ASC";
    return `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE ${range}${by}${visible}${condition} ORDER BY number ${order} LIMIT ${limit}`;
  }

  /**
   * The first number created at a time (milliseconds) or later; undefined where there is none yet. In a chat
   * create_time never falls, so a range of times is a range of numbers.
   */
  async firstNumberAt({ application, chat }: ChatName, timeMs: number): Promise<number | undefined> {
    const row = await this.#database.messages.findOne({
      attributes: ["number"],
      where: { application, chat, createTime: { [Op.gte]: timeMs } },
      order: [
        ["createTime", "ASC"],
        ["number", "ASC"],
      ],
      raw: true,
    });
    return row?.number;
  }
}
