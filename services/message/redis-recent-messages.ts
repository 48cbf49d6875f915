import type { Logger } from "pino";
import { revisionOf } from "../aip/etag.ts";
import type { ChatName } from "../aip/resource-name.ts";
import { inLife, type RedisLives, type ScriptArgument } from "../redis/redis-lives.ts";
import { encodeMessage } from "./message-encoder.ts";
import type { RecentBatch, RecentChange, RecentMessages, RecentPart, RecentQuery } from "./recent-messages.ts";
import { RedisRecentReads } from "./redis-recent-reads.ts";

export type RedisRecentMessagesOptions = {
  lives: RedisLives;
  /** What all messages held may take, in bytes, roughly. */
  maxBytes: number;
  log: Logger;
};

/** Recent messages in Redis, for any number of processes: the newest 500 to 1,000 a chat, of the chats last written to. */
export class RedisRecentMessages implements RecentMessages {
  readonly #options: RedisRecentMessagesOptions;
  readonly #reads: RedisRecentReads;

  constructor(options: RedisRecentMessagesOptions) {
    this.#options = options;
    this.#reads = new RedisRecentReads(options.lives);
  }

  /** In the life that numbered them: in a later one nothing is held of what was before it. */
  async add(batches: readonly RecentBatch[], sequence: number, epoch?: number): Promise<boolean> {
    const { lives, maxBytes, log } = this.#options;
    try {
      const life = await lives.current();
      if (life.epoch !== epoch) return false;
      return (await lives.call(life, "add", sequence, maxBytes, ...byChat(batches).flatMap(batchArguments))) === 1;
    } catch (err) {
      log.warn({ err }, "the recent messages cannot be told of a record; its callers wait for the writer");
      return false;
    }
  }

  /** In the life in force: nobody reads from another, and one that Redis does not have must end first. */
  async change(changes: readonly RecentChange[]): Promise<void> {
    if (changes.length === 0) return;
    const { lives } = this.#options;
    const parameters = changes.flatMap(changeArguments);
    await inLife(lives, await lives.inForce(), (life) => lives.call(life, "change", ...parameters));
  }

  read(chat: ChatName, query: RecentQuery): Promise<RecentPart | undefined> {
    return this.#reads.read(chat, query);
  }
}

/** A message as the script takes it. */
type HeldMessage = { number: number; bytes: Uint8Array };
type ChatBatch = { chat: ChatName; repeated: boolean; messages: HeldMessage[] };

/** One batch a chat of all that have new numbers: what the script does for a chat takes longer than for a message. */
function byChat(batches: readonly RecentBatch[]): ChatBatch[] {
  const joined: ChatBatch[] = [];
  const byName = new Map<string, ChatBatch>();
  for (const { chat, messages, bytes, repeated = false } of batches) {
    const name = `${chat.application}/${chat.chat}`;
    let batch = repeated ? undefined : byName.get(name);
    if (!batch) {
      batch = { chat, repeated, messages: [] };
      joined.push(batch);
      if (!repeated) byName.set(name, batch);
    }
    for (const [index, { number }] of messages.entries()) batch.messages.push({ number, bytes: bytes[index]! });
  }
  for (const { messages } of joined) messages.sort((a, b) => a.number - b.number);
  return joined;
}

function batchArguments({ chat, messages, repeated }: ChatBatch): ScriptArgument[] {
  return [
    ...[chat.application, `${chat.application}/${chat.chat}`, repeated ? 1 : 0, messages.length],
    ...messages.flatMap(({ number, bytes }) => [number, bytes]),
  ];
}

function changeArguments(change: RecentChange): ScriptArgument[] {
  const { kind, sequence } = change;
  if (kind === "changed" || kind === "added") {
    const { application, chat, message: number } = change.name;
    const { message } = change;
    return [kind, sequence, application, chat, number, encodeMessage(message), revisionOf(message.etag)];
  }
  if (kind === "applicationDeleted") return [kind, sequence, change.application, "", 0, "", 0];
  return [kind, sequence, change.chat.application, change.chat.chat, 0, "", 0];
}
