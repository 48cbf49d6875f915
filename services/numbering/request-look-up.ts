import type { Life } from "../redis/redis-life.ts";
import type { RedisLives, ScriptArgument } from "../redis/redis-lives.ts";
import { inBackground } from "./background-work.ts";
import type { NumberRequest, Readiness } from "./numbering.ts";
import type { NumberingSource } from "./numbering-source.ts";
import { counterArguments, requestArgument } from "./script-arguments.ts";

export type RequestLookUpOptions = {
  lives: RedisLives;
  source: NumberingSource;
  /** How long a request_id is remembered, in milliseconds. */
  requestTtlMs: number;
};

/** Looks request_ids up in the database that an earlier life of Redis may have seen, and tells this one. */
export class RequestLookUp {
  readonly #options: RequestLookUpOptions;

  constructor(options: RequestLookUpOptions) {
    this.#options = options;
  }

  /** Resolves when Redis knows of the group's requests what the database does; one query for all. */
  remember(life: Life, group: readonly NumberRequest[]): Promise<Readiness> {
    return inBackground(this.#remember(life, group));
  }

  async #remember(life: Life, group: readonly NumberRequest[]): Promise<Readiness> {
    const { lives, source, requestTtlMs } = this.#options;
    const found = await source.findRequests(group.map((wish) => ({ ...wish, ...wish.request! })));
    const facts = group.flatMap((wish, index): ScriptArgument[] => {
      const { digest = "", first = 0, createTimeMs = 0 } = found[index] ?? {};
      return [...counterArguments(wish), requestArgument(wish.request), digest, first, createTimeMs];
    });
    await lives.call(life, "remember", requestTtlMs, ...facts);
    return "again";
  }
}
