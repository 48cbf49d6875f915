import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { Epoch, EpochLog } from "../write-queue/write-queue.ts";
import { type Life, lifeOf } from "./redis-life.ts";

/** Redis is not the one that a life began in: it restarted, was a replica since, lost its keys, or is another server. */
export class LifeOverError extends Error {
  constructor({ epoch }: Life) {
    super(`Redis does not have the numbers of epoch ${epoch}`);
    this.name = "LifeOverError";
  }
}

/** What a script is called with. */
export type ScriptArgument = string | number | Uint8Array;

export type RedisLivesOptions = {
  redis: Redis;
  epochs: EpochLog;
  installation: string;
  /** How long another process has time to begin the next life, in milliseconds. */
  waitMs: number;
  log: Logger;
};

/** How long a search for the life in force waits between two looks, and how much longer than `waitMs` it goes on. */
const POLL_MS = 25;
const SEARCH_GRACE_MS = 5_000;

const NEVER = new AbortController().signal;

/** The client takes bytes as they are in a Buffer alone. */
function toArgument(value: ScriptArgument): string | number | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}

/**
 * The lives of the numbers in Redis, one after the other. A new one is a new epoch in the write queue, so that one
 * process begins it, and every record that was numbered before is refused from then on, however late it comes.
 */
export class RedisLives {
  readonly #options: RedisLivesOptions;
  #current: Life | undefined;
  #searching: Promise<Life> | undefined;
  /** The epoch that was missed in Redis, and since when, in milliseconds. */
  #missed = { epoch: -1, since: 0 };

  constructor(options: RedisLivesOptions) {
    this.#options = options;
  }

  /** The life that was last known to be in force; looks for one where none is known. */
  async current(): Promise<Life> {
    return this.#current ?? this.inForce();
  }

  /** The life in force as the write queue has it now; begins one where it has none. */
  async inForce(): Promise<Life> {
    return (await this.confirmed()) ?? this.#search();
  }

  /**
   * The life in force as the write queue has it now; undefined where it has none: before the first, and in a stream that was
   * made anew. Its script may not be loaded yet.
   */
  async confirmed(): Promise<Life | undefined> {
    const epoch = await this.#options.epochs.currentEpoch();
    if (!epoch) this.#current = undefined;
    return epoch && this.#adopt(epoch);
  }

  /**
   * Calls an operation of a life's script.
   *
   * @throws LifeOverError where Redis does not have the life; what the client throws where the outcome is unknown
   */
  async call(life: Life, operation: string, ...parameters: readonly ScriptArgument[]): Promise<unknown> {
    try {
      return await this.#options.redis.callBuffer("EVALSHA", [life.sha, 0, operation, ...parameters.map(toArgument)]);
    } catch (error) {
      throw /^(NOSCRIPT|LIFEOVER)/.test((error as Error).message) ? new LifeOverError(life) : error;
    }
  }

  /** The life that follows one which Redis does not have: another process's, or, after the wait, one of our own. */
  after(life: Life): Promise<Life> {
    if (this.#missed.epoch < life.epoch) this.#missed = { epoch: life.epoch, since: Date.now() };
    return this.#search();
  }

  /** Ends a life that lost keys, so that nobody can go on with it, and resolves with the next. */
  async end(life: Life): Promise<Life> {
    if ((await this.#options.epochs.currentEpoch())?.epoch === life.epoch) await this.#begin(life.epoch);
    return this.#search();
  }

  #adopt(epoch: Epoch): Life {
    if (this.#current?.epoch !== epoch.epoch) this.#current = lifeOf(this.#options.installation, epoch);
    return this.#current!;
  }

  /** One search at a time serves all who wait. */
  #search(): Promise<Life> {
    this.#searching ??= this.#findLife().finally(() => {
      this.#searching = undefined;
    });
    return this.#searching;
  }

  async #findLife(): Promise<Life> {
    const deadline = Date.now() + this.#options.waitMs + SEARCH_GRACE_MS;
    let failure: unknown;
    for (let looks = 0; ; looks++) {
      const life = await this.confirmed();
      const state = life && (await this.#stateOf(life));
      if (life && state === "there") return this.#found(life);
      if (state === "missing" && looks === 0) this.#findPrimary();
      if (state instanceof Error) failure = state;
      else if (!life || this.#isPatienceOver(life)) failure = (await this.#begin(life?.epoch ?? 0)) ?? failure;
      if (failure !== undefined && Date.now() > deadline) throw failure;
      await abortableDelay(POLL_MS, NEVER);
    }
  }

  #found(life: Life): Life {
    this.#missed = { epoch: -1, since: 0 };
    return life;
  }

  async #stateOf(life: Life): Promise<"there" | "missing" | Error> {
    try {
      await this.call(life, "check");
      return "there";
    } catch (error) {
      return error instanceof LifeOverError ? "missing" : (error as Error);
    }
  }

  /** Another process may have won this epoch and be about to load its script. */
  #isPatienceOver({ epoch }: Life): boolean {
    if (this.#missed.epoch < epoch) this.#missed = { epoch, since: Date.now() };
    return Date.now() - this.#missed.since >= this.#options.waitMs;
  }

  /** A new connection, which a sentinel or a name may lead to another server. */
  #findPrimary(): void {
    this.#options.redis.disconnect(true);
  }

  /**
   * Begins the epoch after one. Who wins loads the script and begins the life, once: if that came a second time, after a
   * restart, it would raise a life that lost its numbers. Where the outcome is unknown, it resolves with why, and the next
   * epoch follows after the wait.
   */
  async #begin(after: number): Promise<unknown> {
    const { epochs, redis, log } = this.#options;
    const epoch = await epochs.beginEpoch(after);
    if (!epoch) return undefined;
    const life = this.#adopt(epoch);
    log.info({ epoch: life.epoch }, "a new epoch of numbers begins");
    try {
      await redis.script("LOAD", life.text);
      await this.call(life, "begin");
      return undefined;
    } catch (err) {
      log.warn({ err, epoch: life.epoch }, "the epoch may not have begun in Redis; another will follow");
      return err;
    }
  }
}

/** Lives that one piece of work is tried in. */
const LIVES_MAX = 5;

/** Does work in a life, or in one that follows it. */
export async function inLife<T>(lives: RedisLives, life: Life, work: (life: Life) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work(life);
    } catch (error) {
      if (!(error instanceof LifeOverError) || tries === LIVES_MAX) throw error;
      life = await lives.after(life);
    }
  }
}
