import type { Message } from "../../gen/parley/v1/message_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";
import { messageFromRow } from "./message-codec.ts";
import type { MessageQuery, MessageStore, NumberRange } from "./message-store.ts";
import type { RecentMessages, RecentWindow } from "./recent-messages.ts";

/** What the reader works with. */
export type MessageReaderOptions = {
  recents: RecentMessages;
  store: MessageStore;
  queue: WriteQueue;
  horizon: Horizon;
};

/** The place of the first message with a number ≥ `number` in a list ordered by number. */
function lowerBound(messages: readonly Message[], number: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle]!.number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A copy: the window goes on changing. */
function cut({ messages }: RecentWindow, { after, before }: NumberRange): Message[] {
  return messages.slice(lowerBound(messages, after + 1), lowerBound(messages, before));
}

/**
 * Reads messages so that every write that was answered is seen: the newest from the recent messages, the others from
 * the database once the writer has passed what may be missing there.
 */
export class MessageReader {
  readonly #recents: RecentMessages;
  readonly #store: MessageStore;
  readonly #queue: WriteQueue;
  readonly #horizon: Horizon;

  constructor({ recents, store, queue, horizon }: MessageReaderOptions) {
    this.#recents = recents;
    this.#store = store;
    this.#queue = queue;
    this.#horizon = horizon;
  }

  /** The message or its tombstone; undefined where it, or its chat, does not exist. */
  async get(name: MessageName, signal: AbortSignal): Promise<Message | undefined> {
    const window = await this.#recents.window(name);
    if (window && name.message >= window.from) {
      return cut(window, { after: name.message - 1, before: name.message + 1 })[0];
    }
    await this.#catchUp(window, signal);
    const [row, hasChat] = await Promise.all([this.#store.find(name), window ? true : this.#store.hasChat(name)]);
    return row && hasChat ? messageFromRow(row) : undefined;
  }

  /** Messages of consecutive numbers from `first` on; undefined where one, or the chat, does not exist. */
  async getRange(chat: ChatName, first: number, count: number, signal: AbortSignal): Promise<Message[] | undefined> {
    const range = { after: first - 1, before: first + count };
    const messages = await this.list(chat, { ...range, newestFirst: false, limit: count }, signal);
    return messages?.length === count ? messages : undefined;
  }

  /** A page of messages; undefined where the chat does not exist. */
  async list(chat: ChatName, query: MessageQuery, signal: AbortSignal): Promise<Message[] | undefined> {
    const window = await this.#recents.window(chat);
    const from = window?.from ?? Number.POSITIVE_INFINITY;
    const recent = window ? cut(window, query).filter(({ author }) => isBy(author?.user, query.author)) : [];
    const older = { ...query, before: Math.min(query.before, from) };
    if (query.newestFirst) {
      const newest = recent.reverse().slice(0, query.limit);
      const rest = await this.#listStored(chat, window, { ...older, limit: query.limit - newest.length }, signal);
      return rest && [...newest, ...rest];
    }
    const oldest = await this.#listStored(chat, window, older, signal);
    return oldest && [...oldest, ...recent].slice(0, query.limit);
  }

  /** The first number created at a time or later; undefined where there is none yet. */
  async firstNumberAt(chat: ChatName, timeMs: number, signal: AbortSignal): Promise<number | undefined> {
    await this.#catchUp(undefined, signal);
    return this.#store.firstNumberAt(chat, timeMs);
  }

  /** What the window leaves to the database. */
  async #listStored(
    chat: ChatName,
    window: RecentWindow | undefined,
    query: MessageQuery,
    signal: AbortSignal,
  ): Promise<Message[] | undefined> {
    if (window && (query.limit <= 0 || query.after + 1 >= query.before)) return [];
    await this.#catchUp(window, signal);
    const [rows, hasChat] = await Promise.all([
      this.#store.list(chat, query, signal),
      window ? true : this.#store.hasChat(chat),
    ]);
    return hasChat ? rows.map(messageFromRow) : undefined;
  }

  /** Waits until the database has what is not in the window, of all that was answered by now. */
  async #catchUp(window: RecentWindow | undefined, signal: AbortSignal): Promise<void> {
    await this.#horizon.reached(window ? window.sequence : await this.#queue.end(), signal);
  }
}

function isBy(user: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || user === wanted;
}
