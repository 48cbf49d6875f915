import { type ChatName, formatChatName } from "../../../services/aip/resource-name.ts";
import type { RedisRecentMessages } from "../../../services/message/redis-recent-messages.ts";
import { NumberingScene, type NumberingStores } from "../numbering/numbering-scene.ts";
import { type RedisProcess, startRedisProcess } from "../redis/redis-process.ts";

/** What a message counts for beside its bytes. */
const OVERHEAD_BYTES = 100;
/** Where what is held of a chat tells its bytes. */
const BYTES_OFFSET = 24;

type Options = { maxBytes?: number };

/** Recent messages in Redis, of chats whose numbers are given there. */
export class RedisRecentsScene {
  readonly numbering: NumberingScene;
  readonly processes: RedisProcess[];
  readonly #start: () => Promise<RedisProcess>;
  /** The highest number given in each chat. */
  readonly #last = new Map<string, number>();

  private constructor(numbering: NumberingScene, processes: RedisProcess[], start: () => Promise<RedisProcess>) {
    this.numbering = numbering;
    this.processes = processes;
    this.#start = start;
  }

  static async open(url: string, options: Options = {}): Promise<RedisRecentsScene> {
    const processes: RedisProcess[] = [];
    let stores: NumberingStores;
    const start = async () => {
      const process = await startRedisProcess(url, stores, options);
      processes.push(process);
      return process;
    };
    const numbering = await NumberingScene.open(async (given) => {
      stores = given;
      return (await start()).numbering;
    });
    await processes[0]!.lives.current();
    return new RedisRecentsScene(numbering, processes, start);
  }

  /** Of the first process. */
  get recents(): RedisRecentMessages {
    return this.processes[0]!.recents;
  }

  /** The epoch in force. */
  get epoch(): number {
    return this.numbering.queue.epochs.at(-1)!.epoch;
  }

  /** Another process over the same Redis. */
  startProcess(): Promise<RedisProcess> {
    return this.#start();
  }

  /** Gives a chat's numbers up to one. */
  async number(chat: ChatName, number: number): Promise<void> {
    const { application } = chat;
    const key = formatChatName(chat);
    if (!this.#last.has(key)) {
      this.numbering.database.create({ application }, { last: 1_000, lastTimeMs: 0 });
      this.numbering.database.create(chat);
    }
    const count = number - (this.#last.get(key) ?? 0);
    if (count <= 0) return;
    this.#last.set(key, number);
    await this.numbering.settle(await this.numbering.number({ ...chat, count }), false);
  }

  /** What the scripts say that the messages held take, in bytes: in all, and the sum over the chats. */
  async countedBytes(): Promise<[all: number, byChat: number]> {
    const { redis, lives } = this.processes[0]!;
    const { prefix } = await lives.current();
    const counters = await redis.keys(`${prefix}c:*`);
    const held = await Promise.all(counters.map((key) => redis.hgetBuffer(key, "m")));
    const counts = held.map((packed) => packed?.readDoubleBE(BYTES_OFFSET) ?? 0);
    return [Number(await redis.get(`${prefix}bytes`)), counts.reduce((sum, bytes) => sum + bytes, 0)];
  }

  /** The same, measured. */
  async measuredBytes(): Promise<[all: number, byChat: number]> {
    const { redis, lives } = this.processes[0]!;
    const windows = await redis.keys(`${(await lives.current()).prefix}m:*`);
    const fields = (await Promise.all(windows.map((key) => redis.hgetallBuffer(key)))).flatMap(Object.entries<Buffer>);
    // A revision beside a message is part of its overhead.
    const messages = fields.filter(([field]) => !field.startsWith("r")).map(([, bytes]) => bytes);
    const bytes = messages.reduce((sum, { byteLength }) => sum + byteLength + OVERHEAD_BYTES, 0);
    return [bytes, bytes];
  }

  close(): void {
    for (const { redis } of this.processes) redis.disconnect();
  }
}
