import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { StoredScript } from "../redis/stored-script.ts";
import type { FactName } from "./fact-name.ts";
import type { FactChange } from "./facts.ts";
import { emptiedBy, everythingMark, marksOf, outerMarks, placeOf } from "./redis-fact-keys.ts";

export type RedisFactStoreOptions = {
  redis: Redis;
  installation: string;
  /** How long any fact is believed at most, in milliseconds. */
  ttlMs: number;
  /** How many facts are held at most. */
  max: number;
};

/** What is told to all processes: what changed, or that everything may have. */
export type ToldChange = FactChange | { kind: "everything" };

/** What is to be forgotten; under the id of what was written down, once. */
export type ChangeInRedis = { change: ToldChange; id?: string };

const SCRIPT = new StoredScript("facts");
/** The form of what is held, so that processes of another version do not take it for theirs. */
const VERSION = 1;
/** How long a look-up may take, in milliseconds, which began before a change: afterwards its mark is gone. */
const LOOK_UP_MAX_MS = 120_000;
/** How much longer than facts are believed, in milliseconds, a change that was written down may be read by who starts. */
const REREAD_MS = 60_000;

/** On which facts in Redis are told of. */
export function factChannel(installation: string): string {
  return `parley:${installation}:facts`;
}

/**
 * Facts as Redis holds them. They belong to one run of one server: a replica that was promoted, or a snapshot that was
 * restored, may have missed a change.
 */
export class RedisFactStore {
  readonly #options: RedisFactStoreOptions;
  #prefix: Promise<string> | undefined;

  constructor(options: RedisFactStoreOptions) {
    this.#options = options;
    options.redis.on("close", () => {
      this.#prefix = undefined;
    });
  }

  /** What is held as JSON and its age in milliseconds, if anything is; and Redis' time. */
  async find(name: FactName): Promise<{ held: { json: string; ageMs: number } | undefined; stamp: string }> {
    const prefix = await this.#current();
    const { scope, field } = placeOf(prefix, name);
    const [now, json, began] = (await this.#run("find", scope, field, ...outerMarks(prefix, name))) as string[];
    const stamp = `${now} ${prefix}`;
    const isSame = prefix === (await this.#current());
    if (json === undefined || !isSame) return { held: undefined, stamp };
    return { held: { json, ageMs: (Number(now) - Number(began)) / 1_000 }, stamp };
  }

  /** Keeps what a look-up led to that began with `stamp`, unless it changed since, or the server did. */
  async keep(name: FactName, json: string, stamp: string, ttlMs: number): Promise<void> {
    const prefix = await this.#current();
    const time = stamp.slice(0, stamp.indexOf(" "));
    if (stamp !== `${time} ${prefix}`) return;
    const { scope, field } = placeOf(prefix, name);
    const bounds = [ttlMs, this.#options.max, `${prefix}held`];
    await this.#run("keep", scope, field, time, json, ...bounds, ...marksOf(prefix, name));
  }

  /** Forgets what changed, and tells every process, unless all of it was done before. */
  async forget(changes: readonly ChangeInRedis[]): Promise<void> {
    const { installation, ttlMs } = this.#options;
    const prefix = await this.#current();
    const emptied = changes.flatMap((each) => this.#argumentsOf(prefix, each));
    const message = JSON.stringify(changes.map(({ change }) => change));
    await this.#run("forget", ...emptied, ttlMs + REREAD_MS, factChannel(installation), message);
  }

  /** What holds for what is in it must outlive that. */
  #argumentsOf(prefix: string, { change, id }: ChangeInRedis): (string | number)[] {
    const { ttlMs } = this.#options;
    const outer = Math.max(ttlMs, LOOK_UP_MAX_MS);
    const once = id === undefined ? "" : `${prefix}done:${id}`;
    if (change.kind === "everything") return [`${prefix}none`, "", everythingMark(prefix), outer, once];
    const { scope, field, mark } = emptiedBy(prefix, change);
    return [scope, field, mark, change.kind === "application" ? outer : LOOK_UP_MAX_MS, once];
  }

  #current(): Promise<string> {
    this.#prefix ??= this.#identify().catch((error) => {
      this.#prefix = undefined;
      throw error;
    });
    return this.#prefix;
  }

  async #identify(): Promise<string> {
    const { redis, installation } = this.#options;
    const info = await redis.info();
    const run = ["run_id", "master_replid"].map((name) => new RegExp(`^${name}:(\\w+)`, "m").exec(info)?.[1] ?? "");
    const hash = createHash("sha256").update(run.join()).digest("hex").slice(0, 16);
    return `parley:${installation}:facts:${VERSION}:${hash}:`;
  }

  #run(...parameters: (string | number)[]): Promise<unknown> {
    return SCRIPT.run(this.#options.redis, [], parameters);
  }
}
