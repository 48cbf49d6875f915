import { type Attributes, Op } from "sequelize";
import type { ApplicationName, ChatName } from "../aip/resource-name.ts";
import { applicationExists } from "../application/application-exists.ts";
import type { Database } from "../database/database.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { catchUp, type Horizon } from "../writer/horizon.ts";
import type { ChatRow } from "./chat-model.ts";

/** Chats, read from the database. */
export class ChatStore {
  readonly #database: Database;
  readonly #writes: { queue: WriteQueue; horizon: Horizon };

  constructor({ database, queue, horizon }: { database: Database; queue: WriteQueue; horizon: Horizon }) {
    this.#database = database;
    this.#writes = { queue, horizon };
  }

  /** Waits until the database has every write that was answered by now; rejects where `signal` aborts first. */
  catchUp(signal: AbortSignal): Promise<void> {
    return catchUp(this.#writes, signal);
  }

  /** A chat as every write that was answered by now left it; rejects where `signal` aborts before it is known. */
  async findLatest(name: ChatName, signal: AbortSignal): Promise<Attributes<ChatRow> | undefined> {
    await this.catchUp(signal);
    return this.find(name);
  }

  async find({ application, chat }: ChatName): Promise<Attributes<ChatRow> | undefined> {
    const where = { application, number: chat, deleteTime: null };
    return (await this.#database.chats.findOne({ where, raw: true })) ?? undefined;
  }

  /** The newest chat that a pair had or has, deleted or not. */
  async newestOfPair({ application }: ApplicationName, pair: string): Promise<Attributes<ChatRow> | undefined> {
    const order: [string, string][] = [["number", "DESC"]];
    return (await this.#database.chats.findOne({ where: { application, pair }, order, raw: true })) ?? undefined;
  }

  hasApplication({ application }: ApplicationName): Promise<boolean> {
    return applicationExists(this.#database, application);
  }

  /**
   * Chats with a lower number than `before`, the highest first, in the application's turn; rejects where `signal` aborts
   * before it.
   */
  list(
    { application }: ApplicationName,
    { before, limit }: { before: number; limit: number },
    signal: AbortSignal,
  ): Promise<Attributes<ChatRow>[]> {
    const where = { application, number: { [Op.lt]: before }, deleteTime: null };
    const order: [string, string][] = [["number", "DESC"]];
    const read = () => this.#database.chats.findAll({ where, order, limit, raw: true });
    return this.#database.largeReads.take(application, read, signal);
  }
}
