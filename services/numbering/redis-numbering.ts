import { MAX_NUMBER } from "../aip/resource-name.ts";
import type { Life } from "../redis/redis-life.ts";
import { inLife, type RedisLives, type ScriptArgument } from "../redis/redis-lives.ts";
import type { CounterOpening } from "./counter-opening.ts";
import type { CounterSeeding } from "./counter-seeding.ts";
import {
  type Closing,
  type CounterName,
  isToBeStored,
  type Numbered,
  type NumberedGroup,
  type Numbering,
  NumberingUnavailableError,
  type NumberRequest,
} from "./numbering.ts";
import type { RedisClosings } from "./redis-closings.ts";
import type { RequestLookUp } from "./request-look-up.ts";
import { counterArguments, requestArgument } from "./script-arguments.ts";
import { joinWishes, splitOutcomes, type WishRun } from "./wish-runs.ts";

export type RedisNumberingOptions = {
  lives: RedisLives;
  closings: RedisClosings;
  seeding: CounterSeeding;
  opening: CounterOpening;
  lookUp: RequestLookUp;
  /** How long a request_id is remembered, in milliseconds. */
  requestTtlMs: number;
};

/** What the script says of a run, by its code: the order of scripts/number.lua. */
const OUTCOMES = [
  ...(["assigned", "repeated", "stored", "reused", "absent"] as const),
  ...(["closed", "missing", "exhausted", "unknown", "new"] as const),
];
/** Values that the script replies for a run. */
const REPLY_WIDTH = 3;
/** Longer than a request_id lives: of a counter that is older, Redis knows every one. */
const LOOK_UP_GRACE_MS = 3_600_000;

/**
 * Numbering in Redis, for any number of processes: one call of the life's script a group. What Redis cannot say goes to
 * the database in the background, and the wish asks again.
 */
export class RedisNumbering implements Numbering {
  readonly #options: RedisNumberingOptions;

  constructor(options: RedisNumberingOptions) {
    this.#options = options;
  }

  async number(group: readonly NumberRequest[], over?: number): Promise<NumberedGroup> {
    const wishes = joinWishes(group);
    const { life, reply } = await this.#ask(wishes.runs, over).catch((error: unknown) => {
      throw new NumberingUnavailableError(error);
    });
    const outcomes = this.#interpret(wishes.runs, life, reply);
    return { numbered: splitOutcomes(wishes, outcomes, MAX_NUMBER), epoch: life.epoch };
  }

  async settle(group: readonly NumberRequest[], { numbered, epoch }: NumberedGroup, sequence?: number): Promise<void> {
    const stored = group.flatMap((request, index): ScriptArgument[] => {
      const outcome = numbered[index]!;
      if (!isToBeStored(outcome) || (request.chat !== undefined && !request.request)) return [];
      return [...counterArguments(request), outcome.first, requestArgument(request.request)];
    });
    if (sequence === undefined || stored.length === 0) return;
    const life = await this.#options.lives.current();
    if (life.epoch === epoch) await this.#options.lives.call(life, "settle", ...stored);
  }

  close(counter: CounterName, id: string): Promise<Closing> {
    return this.#options.closings.close(counter, id);
  }

  reopen(ids: readonly string[]): Promise<void> {
    return this.#options.closings.reopen(ids);
  }

  /** Redis was told with the recent messages. */
  async remove(): Promise<void> {}

  persisted(): void {}

  async #ask(runs: readonly WishRun[], over: number | undefined): Promise<{ life: Life; reply: number[] }> {
    const { lives, requestTtlMs } = this.#options;
    const limits = [requestTtlMs, requestTtlMs + LOOK_UP_GRACE_MS, MAX_NUMBER];
    const wishes = runs.flatMap(({ request, times }): ScriptArgument[] => [
      ...counterArguments(request),
      request.count,
      times,
      requestArgument(request.request),
      request.request?.digest ?? "",
    ]);
    let life = await lives.current();
    if (over !== undefined && life.epoch <= over) life = await lives.inForce();
    return inLife(lives, life, async (life) => {
      const reply = (await lives.call(life, "number", ...limits, ...wishes)) as number[];
      return { life, reply };
    });
  }

  #interpret(runs: readonly WishRun[], life: Life, reply: readonly number[]): Numbered[] {
    const { seeding, opening, lookUp } = this.#options;
    const unknown = runs.filter((_, index) => OUTCOMES[reply[index * REPLY_WIDTH]!] === "unknown");
    const requests = unknown.map(({ request }) => request);
    const lookedUp = requests.length > 0 ? lookUp.remember(life, requests) : undefined;
    return runs.map(({ request }, index): Numbered => {
      const [code = 0, first = 0, createTimeMs = 0] = reply.slice(index * REPLY_WIDTH, (index + 1) * REPLY_WIDTH);
      const kind = OUTCOMES[code]!;
      switch (kind) {
        case "assigned":
          return { kind, first, createTimeMs };
        case "repeated":
          return { kind, first, createTimeMs, stored: false };
        case "stored":
          return { kind: "repeated", first, createTimeMs, stored: true };
        case "closed":
          return { kind: "later", ready: opening.judged(life, request) };
        case "new":
          return { kind: "later", ready: opening.open(life, request) };
        case "missing":
          return { kind: "later", ready: seeding.seed(life, request) };
        case "unknown":
          return { kind: "later", ready: lookedUp! };
        default:
          return { kind };
      }
    });
  }
}
