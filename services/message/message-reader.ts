import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { catchUp, type Horizon } from "../writer/horizon.ts";
import type { MessageQuery, MessageStore } from "./message-store.ts";
import { MessageOfRow, type ReadMessage } from "./read-message.ts";
import type { RecentMessages, RecentPart } from "./recent-messages.ts";

/** More than any chat holds. */
const ALL = Number.MAX_SAFE_INTEGER;

/** Reads that the recent messages alone answered, and those that looked into the database. */
export type RecentReads = { hit: number; miss: number };

/** What the reader works with. */
export type MessageReaderOptions = {
  recents: RecentMessages;
  store: MessageStore;
  queue: WriteQueue;
  horizon: Horizon;
};

/**
 * Reads messages so that every write that was answered is seen: the newest from the recent messages, the others from
 * the database once the writer has passed what may be missing there.
 */
export class MessageReader {
  readonly #recents: RecentMessages;
  readonly #store: MessageStore;
  readonly #writes: Pick<MessageReaderOptions, "queue" | "horizon">;
  readonly #reads: RecentReads = { hit: 0, miss: 0 };

  constructor({ recents, store, queue, horizon }: MessageReaderOptions) {
    this.#recents = recents;
    this.#store = store;
    this.#writes = { queue, horizon };
  }

  /** How many reads there were since the start. */
  get reads(): Readonly<RecentReads> {
    return this.#reads;
  }

  /** The message or its tombstone; undefined where it, or its chat, does not exist. */
  async get(name: MessageName, signal: AbortSignal): Promise<ReadMessage | undefined> {
    const alone = { after: name.message - 1, before: name.message + 1, newestFirst: false, limit: 1 };
    const part = await this.#recents.read(name, alone);
    const isHeld = part !== undefined && name.message >= part.from;
    const isHit = isHeld && (part.whole || part.messages.length > 0);
    this.#reads[isHit ? "hit" : "miss"]++;
    if (isHit) return part.messages[0];
    if (!isHeld) await this.#catchUp(part, signal);
    const [row, hasChat] = await Promise.all([this.#store.find(name), part ? true : this.#store.hasChat(name)]);
    return row && hasChat ? new MessageOfRow(row) : undefined;
  }

  /**
   * What a repeated create made: messages of consecutive numbers from `first` on; undefined where one, or the chat, does
   * not exist. They are in the queue, but nobody may have been told of them yet, so that a list may miss them.
   */
  async getRepeated(
    chat: ChatName,
    first: number,
    count: number,
    signal: AbortSignal,
  ): Promise<ReadMessage[] | undefined> {
    const query = { after: first - 1, before: first + count, newestFirst: false, limit: count };
    const held = await this.list(chat, query, signal);
    if (held?.length === count) return held;
    await this.#catchUp(undefined, signal);
    const messages = await this.list(chat, query, signal);
    return messages?.length === count ? messages : undefined;
  }

  /** A page of messages; undefined where the chat does not exist. */
  async list(chat: ChatName, query: MessageQuery, signal: AbortSignal): Promise<ReadMessage[] | undefined> {
    const { author, withoutNotes = false, ...range } = query;
    const isFiltered = author !== undefined || withoutNotes;
    const part = await this.#recents.read(chat, isFiltered ? { ...range, limit: ALL } : range);
    const held = part?.messages ?? [];
    const recent = isFiltered ? held.filter((message) => matches(message, query)) : held;
    if (!part?.whole) {
      const stored = await this.#listStored(chat, { part, isEnough: recent.length >= query.limit }, query, signal);
      return stored && merge(stored, recent, query);
    }
    const older = { ...query, before: Math.min(query.before, part.from) };
    if (query.newestFirst) {
      const newest = recent.slice(0, query.limit);
      const rest = await this.#listOlder(chat, part, { ...older, limit: query.limit - newest.length }, signal);
      return [...newest, ...rest];
    }
    const oldest = await this.#listOlder(chat, part, older, signal);
    return [...oldest, ...recent].slice(0, query.limit);
  }

  /** The first number created at a time or later; undefined where there is none yet. */
  async firstNumberAt(chat: ChatName, timeMs: number, signal: AbortSignal): Promise<number | undefined> {
    await this.#catchUp(undefined, signal);
    return this.#store.firstNumberAt(chat, timeMs);
  }

  /** What lies below the part that is held. */
  async #listOlder(chat: ChatName, part: RecentPart, query: MessageQuery, signal: AbortSignal): Promise<ReadMessage[]> {
    const isHit = query.limit <= 0 || query.after + 1 >= query.before;
    this.#reads[isHit ? "hit" : "miss"]++;
    if (isHit) return [];
    await this.#catchUp(part, signal);
    return (await this.#store.list(chat, query, signal)).map((row) => new MessageOfRow(row));
  }

  /**
   * The page as the database has it, undefined where the chat does not exist. It waits only where the page may reach
   * below what is held; what is missing above that is in the database, or nobody was told of it.
   */
  async #listStored(
    chat: ChatName,
    { part, isEnough }: { part: RecentPart | undefined; isEnough: boolean },
    query: MessageQuery,
    signal: AbortSignal,
  ): Promise<ReadMessage[] | undefined> {
    this.#reads.miss++;
    const isAbove = part !== undefined && (query.after + 1 >= part.from || (query.newestFirst && isEnough));
    if (!isAbove) await this.#catchUp(part, signal);
    const rows = await (part ? this.#store.list(chat, query, signal) : this.#store.listIn(chat, query, signal));
    return rows?.map((row) => new MessageOfRow(row));
  }

  /** Waits until the database has what lies below the part that is held, of all that was answered by now. */
  async #catchUp(part: RecentPart | undefined, signal: AbortSignal): Promise<void> {
    if (part) await this.#writes.horizon.reached(part.sequence, signal);
    else await catchUp(this.#writes, signal);
  }
}

function matches(read: ReadMessage, { author, withoutNotes = false }: MessageQuery): boolean {
  if (withoutNotes && read.internal) return false;
  return author === undefined || read.message.author?.user === author;
}

/**
 * What is held counts where the database has it too: between the writer's commit and its change of what is held, a reader
 * of the database alone would see an edit that a later reader does not.
 */
function merge(
  stored: readonly ReadMessage[],
  recent: readonly ReadMessage[],
  { newestFirst, limit }: MessageQuery,
): ReadMessage[] {
  const byNumber = new Map([...stored, ...recent].map((message) => [message.number, message]));
  const order = newestFirst ? -1 : 1;
  return [...byNumber.values()].sort((a, b) => order * (a.number - b.number)).slice(0, limit);
}
