import { type Attributes, Op, type WhereOptions } from "sequelize";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { MessageRow } from "./message-model.ts";

/** Which numbers: `after` and `before` are exclusive. */
export type NumberRange = { after: number; before: number };

/** What a page of messages is asked for. */
export type MessageQuery = NumberRange & {
  author?: string;
  newestFirst: boolean;
  limit: number;
};

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

  list({ application, chat }: ChatName, query: MessageQuery, signal: AbortSignal): Promise<Attributes<MessageRow>[]> {
    const { after, before, author, newestFirst, limit } = query;
    const where: WhereOptions<Attributes<MessageRow>> = {
      application,
      chat,
      number: { [Op.gt]: after, [Op.lt]: before },
      ...(author === undefined ? {} : { authorUser: author }),
    };
    const order: [string, string][] = [["number", newestFirst ? "DESC" : "ASC"]];
    const read = () => this.#database.messages.findAll({ where, order, limit, raw: true });
    return this.#database.largeReads.take(application, read, signal);
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
