import type { ChatName, MessageName } from "../aip/resource-name.ts";
import { inTime } from "../process/in-time.ts";
import type { CacheReport } from "./cache-report.ts";
import { FactCache } from "./fact-cache.ts";
import type { FactChangeFollower } from "./fact-change-follower.ts";
import { FactFlights } from "./fact-flights.ts";
import type { FactName, FactOf } from "./fact-name.ts";
import type { FactSource } from "./fact-source.ts";
import type { FactTtls } from "./fact-ttls.ts";
import type {
  ApplicationFacts,
  ChatFacts,
  FactChange,
  FactChanges,
  Facts,
  MemberFacts,
  MessageFacts,
  Soon,
  UserFacts,
} from "./facts.ts";
import type { HeldFact } from "./held-fact.ts";
import type { SharedFacts } from "./shared-facts.ts";

export type CachedFactsOptions = {
  source: FactSource;
  /** Where other processes change facts, too. */
  shared?: SharedFacts | undefined;
  /** Tells what other processes wrote down as changed. */
  recorded?: Pick<FactChangeFollower, "start" | "isCurrent"> | undefined;
  ttlMs: FactTtls;
  /** How many users may be held, and how many chats, members and messages together. */
  max: number;
};

/** How long facts are believed while changes cannot come in, in milliseconds. */
const UNTOLD_MS = 1_000;
/** How long facts are believed on while they cannot be looked up, in milliseconds. */
const AWAY_MS = 1_000;
/** How long a look-up of what was known is waited for, in milliseconds. It goes on, and its late answer is held. */
const PATIENCE_MS = 250;

/**
 * Facts that are held in this process, for a while and until they change. What does not exist is looked up each time, but
 * users: backends name those that Parley does not know, in each message.
 */
export class CachedFacts implements Facts, FactChanges {
  readonly #source: FactSource;
  readonly #shared: SharedFacts | undefined;
  readonly #recorded: CachedFactsOptions["recorded"];
  readonly #ttlMs: CachedFactsOptions["ttlMs"];
  readonly #cache: FactCache;
  readonly #flights = new FactFlights();

  constructor({ source, shared, recorded, ttlMs, max }: CachedFactsOptions) {
    this.#source = source;
    this.#shared = shared;
    this.#recorded = recorded;
    this.#ttlMs = ttlMs;
    this.#cache = new FactCache(max);
    shared?.listen({ forget: (changes) => this.#forget(changes), clear: () => this.#clear() });
    // In the shared cache, too: who wrote it down may have ended before it came to that.
    recorded?.start((changes) => {
      void this.#forgetAround(
        changes.map(({ change }) => change),
        () => shared?.empty(changes),
      );
    });
  }

  user(application: string, user: string): Soon<UserFacts | undefined> {
    return this.#find({ kind: "user", application, user });
  }

  chat(chat: ChatName): Soon<ChatFacts | undefined> {
    return this.#find({ kind: "chat", chat });
  }

  member(chat: ChatName, user: string): Soon<MemberFacts | undefined> {
    return this.#find({ kind: "member", chat, user });
  }

  message(message: MessageName): Soon<MessageFacts | undefined> {
    return this.#find({ kind: "message", message });
  }

  application(application: string): Soon<ApplicationFacts | undefined> {
    return this.#find({ kind: "application", application });
  }

  async forget(changes: readonly FactChange[]): Promise<void> {
    await this.#forgetAround(changes, () => this.#shared?.forget(changes));
  }

  report(): CacheReport {
    return this.#cache.report();
  }

  #find<Name extends FactName>(name: Name): Soon<FactOf<Name>> {
    const before = this.#cache.find(name);
    const counts = this.#cache.counts[name.kind];
    if (before !== undefined && this.#isBelieved(before)) {
      counts.hits++;
      return before.value as FactOf<Name>;
    }
    counts.misses++;
    const looking = this.#flights.join(name, (isInForce) => this.#load(name, isInForce));
    return before === undefined ? looking : this.#inTimeOrBefore(name, before, looking);
  }

  #isBelieved({ untilMs, beganMs }: HeldFact): boolean {
    const now = performance.now();
    const isTold = this.#isTold(now) && (this.#recorded === undefined || this.#recorded.isCurrent(now));
    return now < untilMs && (isTold || now < beganMs + UNTOLD_MS);
  }

  /** Whether changes are told of by others. */
  #isTold(now: number): boolean {
    return this.#shared === undefined || this.#shared.isCurrent(now);
  }

  /** @param isInForce whether nothing of it changed since the look-up began */
  async #load<Name extends FactName>(name: Name, isInForce: () => boolean): Promise<FactOf<Name>> {
    const beganMs = performance.now();
    const keep = (value: FactOf<Name>, ttlMs: number): FactOf<Name> => {
      if (isInForce()) this.#cache.keep(name, { value, beganMs, untilMs: performance.now() + ttlMs });
      return value;
    };
    const { held, stamp } = (await this.#shared?.find(name)) ?? { held: undefined, stamp: undefined };
    const ttlMs = this.#ttlMs[name.kind];
    if (held && held.ageMs < ttlMs) return keep(held.value, ttlMs - held.ageMs);
    const value = await this.#source.load(name);
    if (value === undefined && name.kind !== "user") {
      if (isInForce()) this.#drop(name);
      return value;
    }
    if (stamp !== undefined && isInForce()) void this.#shared?.keep(name, value, stamp);
    return keep(value, ttlMs);
  }

  /**
   * A database that is away or slow takes nobody's rights: what was known is believed on, since it could not be changed
   * there without word of it, by who changed it or by any process that reads there what was.
   */
  async #inTimeOrBefore<Name extends FactName>(
    name: Name,
    before: HeldFact,
    looking: Promise<FactOf<Name>>,
  ): Promise<FactOf<Name>> {
    try {
      return await inTime(looking, PATIENCE_MS);
    } catch {
      const now = performance.now();
      const known = this.#cache.find(name);
      if (known === undefined || !this.#isTold(now)) return looking;
      if (known === before) this.#cache.keep(name, { value: known.value, beganMs: now, untilMs: now + AWAY_MS });
      return known.value as FactOf<Name>;
    }
  }

  /** What is gone is not believed on. A message's facts never change. */
  #drop(name: FactName): void {
    if (name.kind !== "message" && this.#cache.find(name) !== undefined) this.#cache.forget(name);
  }

  /** Forgotten here before the shared cache forgets, and after: in between they may have come back from it. */
  async #forgetAround(changes: readonly FactChange[], share: () => Promise<void> | undefined): Promise<void> {
    this.#forget(changes);
    if (!this.#shared || changes.length === 0) return;
    await share();
    this.#forget(changes);
  }

  #forget(changes: readonly FactChange[]): void {
    for (const change of changes) this.#cache.forget(change);
    this.#flights.void(changes);
  }

  #clear(): void {
    this.#cache.clear();
    this.#flights.voidAll();
  }
}
