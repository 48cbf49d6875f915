import type { Life } from "../redis/redis-life.ts";
import { inLife, LifeOverError, type RedisLives } from "../redis/redis-lives.ts";
import { type Closing, type CounterName, NumberingUnavailableError } from "./numbering.ts";
import { counterArguments } from "./script-arguments.ts";

/** The deletions under way, in Redis. While one is, its counter, with all below it, gives no numbers. */
export class RedisClosings {
  readonly #lives: RedisLives;

  constructor(lives: RedisLives) {
    this.#lives = lives;
  }

  /** In the life in force: in another nobody is numbered, and the deletion's record would be refused. */
  async close(counter: CounterName, id: string): Promise<Closing> {
    const lives = this.#lives;
    const close = async (life: Life) => {
      const numbered = (await lives.call(life, "close", ...counterArguments(counter), id)) as number;
      return { epoch: life.epoch, numbered };
    };
    try {
      return await inLife(lives, await lives.inForce(), close);
    } catch (error) {
      throw new NumberingUnavailableError(error);
    }
  }

  /** A closing is gone with its life. */
  async reopen(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const life = await this.#lives.confirmed();
    if (!life) return;
    await this.#lives.call(life, "reopen", ...ids).catch((error) => {
      if (!(error instanceof LifeOverError)) throw error;
    });
  }
}
