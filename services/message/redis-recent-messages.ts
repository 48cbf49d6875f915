import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { revisionOf } from "../aip/etag.ts";
import type { ChatName } from "../aip/resource-name.ts";
import { inLife, type RedisLives, type ScriptArgument } from "../redis/redis-lives.ts";
import type { RecentBatch, RecentChange, RecentMessages, RecentPart, RecentQuery } from "./recent-messages.ts";

export type RedisRecentMessagesOptions = {
  lives: RedisLives;
  /** What all messages held may take, in bytes, roughly. */
  maxBytes: number;
  log: Logger;
};

type ReadReply = [from: number, sequence: number, whole: number, messages: Buffer[]] | null;

/** Recent messages in Redis, for any number of processes: the newest 500 to 1,000 a chat, of the chats last written to. */
export class RedisRecentMessages implements RecentMessages {
  readonly #options: RedisRecentMessagesOptions;

  constructor(options: RedisRecentMessagesOptions) {
    this.#options = options;
  }

  /** In the life that numbered them: in a later one nothing is held of what was before it. */
  async add(batches: readonly RecentBatch[], sequence: number, epoch?: number): Promise<boolean> {
    const { lives, maxBytes, log } = this.#options;
    try {
      const life = await lives.current();
      if (life.epoch !== epoch) return false;
      return (await lives.call(life, "add", sequence, maxBytes, ...batches.flatMap(batchArguments))) === 1;
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

  /**
   * Only of the life in force, as the write queue says now: a Redis that was left behind may hold old messages. Nothing
   * where Redis is away: the database has it all when the writer has.
   */
  async read({ application, chat }: ChatName, query: RecentQuery): Promise<RecentPart | undefined> {
    const { lives } = this.#options;
    const life = await lives.current().catch(() => undefined);
    if (!life) return undefined;
    const { after, before, newestFirst, limit } = query;
    const range = [application, chat, after, before, newestFirst ? 1 : 0, limit];
    const reply = lives.call(life, "read", ...range).catch(() => null) as Promise<ReadReply>;
    const [confirmed, held] = await Promise.all([lives.confirmed(), reply]);
    if (held === null || confirmed?.epoch !== life.epoch) return undefined;
    const [from, sequence, whole, messages] = held;
    return { from, sequence, whole: whole === 1, messages: messages.map((bytes) => fromBinary(MessageSchema, bytes)) };
  }
}

function batchArguments({ chat, messages, bytes, repeated }: RecentBatch): ScriptArgument[] {
  return [
    ...[chat.application, chat.chat, repeated ? 1 : 0, messages.length],
    ...messages.flatMap(({ number }, index) => [number, bytes[index]!]),
  ];
}

function changeArguments(change: RecentChange): ScriptArgument[] {
  const { kind, sequence } = change;
  if (kind === "changed") {
    const { application, chat, message: number } = change.name;
    const { message } = change;
    return [kind, sequence, application, chat, number, toBinary(MessageSchema, message), revisionOf(message.etag)];
  }
  if (kind === "applicationDeleted") return [kind, sequence, change.application, "", 0, "", 0];
  return [kind, sequence, change.chat.application, change.chat.chat, 0, "", 0];
}
