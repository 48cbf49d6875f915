import type { Message } from "../../gen/parley/v1/message_pb.ts";
import { type ChatName, formatChatName, type MessageName } from "../aip/resource-name.ts";
import type { RecentBatch, RecentMessages, RecentWindow } from "./recent-messages.ts";

const MAX_PER_CHAT = 500;
/** What a message weighs beside its texts. */
const OVERHEAD_BYTES = 600;
/** Bytes of a UTF-16 code unit. */
const UNIT_BYTES = 2;

type Window = { from: number; sequence: number; messages: Message[]; bytes: number };

function weigh({ content, metadata }: Message): number {
  let units = content.value?.length ?? 0;
  for (const key in metadata) units += key.length + metadata[key]!.length;
  return OVERHEAD_BYTES + UNIT_BYTES * units;
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

  add(batches: readonly RecentBatch[], sequence: number): Promise<void> {
    for (const batch of batches) this.#append(batch, sequence);
    this.#evict();
    return Promise.resolve();
  }

  replace(name: MessageName, message: Message): Promise<void> {
    const window = this.#windows.get(formatChatName(name));
    const index = window?.messages.findIndex(({ number }) => number === name.message) ?? -1;
    if (!window || index < 0) return Promise.resolve();
    const change = weigh(message) - weigh(window.messages[index]!);
    window.messages[index] = message;
    window.bytes += change;
    this.#bytes += change;
    return Promise.resolve();
  }

  drop(chat: ChatName): Promise<void> {
    this.#delete(formatChatName(chat));
    return Promise.resolve();
  }

  dropApplication(application: string): Promise<void> {
    for (const key of this.#windows.keys()) if (key.startsWith(`applications/${application}/`)) this.#delete(key);
    return Promise.resolve();
  }

  window(chat: ChatName): Promise<RecentWindow | undefined> {
    return Promise.resolve(this.#windows.get(formatChatName(chat)));
  }

  #append({ chat, messages, repeated }: RecentBatch, sequence: number): void {
    const key = formatChatName(chat);
    const known = this.#windows.get(key);
    if (repeated && !known) return;
    const window: Window = known ?? { from: messages[0]!.number, sequence, messages: [], bytes: 0 };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    for (const message of messages) this.#enter(window, message, sequence);
    if (window.messages.length > 2 * MAX_PER_CHAT) this.#shorten(window, sequence);
  }

  /** Numbers mostly rise from record to record; the writes of groups that ran at the same time may be inverted. */
  #enter(window: Window, message: Message, sequence: number): void {
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
