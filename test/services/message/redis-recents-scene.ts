import { type ChatName, formatChatName } from "../../../services/aip/resource-name.ts";
import type { RedisRecentMessages } from "../../../services/message/redis-recent-messages.ts";
import { NumberingScene, type NumberingStores } from "../numbering/numbering-scene.ts";
import { type RedisProcess, startRedisProcess } from "../redis/redis-process.ts";

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

  close(): void {
    for (const { redis } of this.processes) redis.disconnect();
  }
}
