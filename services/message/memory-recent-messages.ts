import type { Message } from "../../gen/parley/v1/message_pb.ts";
import { type ChatName, formatChatName, type MessageName } from "../aip/resource-name.ts";
import { encodeMessage } from "./message-encoder.ts";
import type { NumberRange } from "./message-store.ts";
import { MessageOfBytes, type ReadMessage } from "./read-message.ts";
import type { RecentBatch, RecentChange, RecentMessages, RecentPart, RecentQuery } from "./recent-messages.ts";

const MAX_PER_CHAT = 500;
/** What a message takes beside its bytes: objects, and its place in the list. */
const OVERHEAD_BYTES = 80;

/**
 * A message is held as its bytes, in a text of one code unit a byte: 273 bytes in all where a message takes 200. A buffer
 * would keep the whole pool that it was cut from: 880; with the message decoded beside it, it was 1,530.
 */
type HeldMessage = { number: number; text: string };
type Window = { from: number; sequence: number; messages: HeldMessage[]; bytes: number };

function hold(number: number, { buffer, byteOffset, byteLength }: Uint8Array): HeldMessage {
  return { number, text: Buffer.from(buffer, byteOffset, byteLength).toString("latin1") };
}

/** A new object, as it keeps what it decodes. */
function toRead({ number, text }: HeldMessage): ReadMessage {
  return new MessageOfBytes(number, Buffer.from(text, "latin1"));
}

function weigh({ text }: HeldMessage): number {
  return OVERHEAD_BYTES + text.length;
}

/** The place of the first message with a number ≥ `number` in a list ordered by number. */
function lowerBound(messages: readonly HeldMessage[], number: number): number {
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
function cut(messages: readonly HeldMessage[], { after, before, newestFirst, limit }: RecentQuery): HeldMessage[] {
  const [start, end] = placesOf(messages, { after, before });
  if (!newestFirst) return messages.slice(start, Math.min(end, start + limit));
  return messages.slice(Math.max(start, end - limit), end).reverse();
}

function placesOf(messages: readonly HeldMessage[], { after, before }: NumberRange): [number, number] {
  const start = lowerBound(messages, after + 1);
  return [start, Math.max(start, lowerBound(messages, before))];
}

/** Recent messages in memory: the newest 500 a chat, of the chats last written to, up to a limit of bytes in all. */
export class MemoryRecentMessages implements RecentMessages {
  readonly #maxBytes: number;
  /** By the chat's name, in the order of their last write. */
  readonly #windows = new Map<string, Window>();
  #bytes = 0;

  /** @param maxBytes an estimate of what all windows together may take */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  async add(batches: readonly RecentBatch[], sequence: number): Promise<boolean> {
    for (const batch of batches) this.#append(batch, sequence);
    this.#evict();
    return true;
  }

  async change(changes: readonly RecentChange[]): Promise<void> {
    for (const change of changes) {
      if (change.kind === "changed") this.#replace(change.name, change.message);
      else if (change.kind === "added") this.#insert(change.name, change.message, change.sequence);
      else if (change.kind === "applicationDeleted") this.#deleteApplication(change.application);
      else this.#delete(formatChatName(change.chat));
    }
  }

  async read(chat: ChatName, query: RecentQuery): Promise<RecentPart | undefined> {
    const window = this.#windows.get(formatChatName(chat));
    if (!window) return undefined;
    const { from, sequence } = window;
    return { from, sequence, messages: cut(window.messages, query).map(toRead), whole: true };
  }

  #replace(name: MessageName, message: Message): void {
    const window = this.#windows.get(formatChatName(name));
    const index = window?.messages.findIndex(({ number }) => number === name.message) ?? -1;
    if (!window || index < 0) return;
    const held = hold(message.number, encodeMessage(message));
    const change = weigh(held) - weigh(window.messages[index]!);
    window.messages[index] = held;
    window.bytes += change;
    this.#bytes += change;
  }

  #insert(name: MessageName, message: Message, sequence: number): void {
    const window = this.#windows.get(formatChatName(name));
    if (window) this.#enter(window, hold(message.number, encodeMessage(message)), sequence);
  }

  #deleteApplication(application: string): void {
    for (const key of this.#windows.keys()) if (key.startsWith(`applications/${application}/`)) this.#delete(key);
  }

  #append({ chat, messages, bytes, repeated }: RecentBatch, sequence: number): void {
    const key = formatChatName(chat);
    const known = this.#windows.get(key);
    if (repeated && !known) return;
    const window: Window = known ?? { from: messages[0]!.number, sequence, messages: [], bytes: 0 };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    for (const [index, message] of messages.entries()) {
      this.#enter(window, hold(message.number, bytes[index]!), sequence);
    }
    if (window.messages.length > 2 * MAX_PER_CHAT) this.#shorten(window, sequence);
  }

  /** Numbers mostly rise from record to record; the writes of groups that ran at the same time may be inverted. */
  #enter(window: Window, message: HeldMessage, sequence: number): void {
    if (message.number < window.from) {
      window.sequence = Math.max(window.sequence, sequence);
      return;
    }
    const place = window.messages.findLastIndex(({ number }) => number <= message.number);
    if (window.messages[place]?.number === message.number) return;
    window.messages.splice(place + 1, 0, message);
    window.bytes += weigh(message);
    this.#bytes += weigh(message);
  }

  /** Cuts in halves rather than one by one: each cut moves the array. */
  #shorten(window: Window, sequence: number): void {
    const dropped = window.messages.splice(0, window.messages.length - MAX_PER_CHAT);
    const bytes = dropped.reduce((sum, message) => sum + weigh(message), 0);
    window.from = window.messages[0]!.number;
    window.sequence = Math.max(window.sequence, sequence);
    window.bytes -= bytes;
    this.#bytes -= bytes;
  }

  #evict(): void {
    for (const key of this.#windows.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    const window = this.#windows.get(key);
    if (!window) return;
    this.#bytes -= window.bytes;
    this.#windows.delete(key);
  }
}
