import { MAX_NUMBER } from "../aip/resource-name.ts";
import { Closings } from "./closings.ts";
import { counterKey } from "./counter-key.ts";
import {
  type Closing,
  type CounterName,
  isToBeStored,
  type Numbered,
  type NumberedGroup,
  type Numbering,
  type NumberRequest,
} from "./numbering.ts";
import type { CounterSeed, NumberingSource } from "./numbering-source.ts";
import { RequestReservations, type Reservation } from "./request-reservations.ts";

type Counter = CounterSeed & {
  /** Groups that took numbers and are not settled. */
  holders: number;
  /** The last record that used it. */
  sequence: number;
};

const MAX_COUNTERS = 100_000;
const ABSENT = { kind: "absent" } as const;

/**
 * Numbering in the memory of the one process that uses the database. A counter is seeded from the database at its
 * first use and leaves memory only when all it gave is persisted, so the database's high-water mark is then the truth.
 * It must be created after the queue is drained into the database.
 */
export class MemoryNumbering implements Numbering {
  readonly #source: NumberingSource;
  readonly #requests: RequestReservations;
  readonly #now: () => number;
  readonly #maxCounters: number;
  /** In the order of their last use. */
  readonly #counters = new Map<string, Counter>();
  readonly #seeding = new Map<string, Promise<boolean>>();
  readonly #closings = new Closings();
  #persisted = 0;

  /** @param maxCounters how many counters stay in memory, beside those with numbers that are not persisted */
  constructor(source: NumberingSource, now: () => number = Date.now, maxCounters = MAX_COUNTERS) {
    this.#source = source;
    this.#requests = new RequestReservations(source);
    this.#now = now;
    this.#maxCounters = maxCounters;
  }

  async number(group: readonly NumberRequest[]): Promise<NumberedGroup> {
    const reservations = await this.#requests.reserve(group);
    const unseeded = await this.#seedAll(group);
    return { numbered: group.map((request, index) => this.#assign(request, reservations[index], unseeded)) };
  }

  async settle(
    group: readonly NumberRequest[],
    { numbered }: NumberedGroup,
    sequence: number | undefined,
  ): Promise<void> {
    // A twin of a chat's creation may come when the chat's counter has given numbers and left memory.
    const twins = group.map((request) => this.#requests.isStored(request));
    this.#requests.release(group, numbered, sequence);
    group.forEach((request, index) => {
      const outcome = numbered[index]!;
      const counter = this.#counters.get(counterKey(request));
      if (!isToBeStored(outcome) || !counter) return;
      counter.holders--;
      if (sequence === undefined) return;
      counter.sequence = Math.max(counter.sequence, sequence);
      if (request.chat === undefined && !twins[index]) this.#open(request.application, outcome, sequence);
    });
  }

  async close(counter: CounterName, id: string): Promise<Closing> {
    this.#closings.open(counter, id);
    const known = this.#counters.get(counterKey(counter));
    return { numbered: known && known.holders > 0 ? known.last : 0 };
  }

  async reopen(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#closings.end(id);
  }

  async remove(counter: CounterName): Promise<void> {
    const key = counterKey(counter);
    for (const known of [this.#counters, this.#seeding]) {
      known.delete(key);
      if (counter.chat !== undefined) continue;
      for (const other of known.keys()) if (other.startsWith(`${key}/`)) known.delete(other);
    }
  }

  persisted(sequence: number): void {
    this.#persisted = sequence;
    this.#requests.persisted(sequence);
    for (const [key, counter] of this.#counters) {
      if (this.#counters.size <= this.#maxCounters) return;
      if (counter.holders === 0 && counter.sequence <= sequence) this.#counters.delete(key);
    }
  }

  /** Brings the group's counters into memory; resolves with what is to be said of those for which that cannot be. */
  async #seedAll(group: readonly NumberRequest[]): Promise<ReadonlyMap<string, Numbered>> {
    const unseeded = new Map<string, Numbered>();
    for (;;) {
      const missing = group.filter((request) => {
        const key = counterKey(request);
        return !this.#counters.has(key) && !unseeded.has(key) && !this.#closings.judged(request);
      });
      if (missing.length === 0) return unseeded;
      await Promise.all(
        missing.map(async (request) => {
          const seeded = await this.#seed(request).catch(
            (cause: unknown): Numbered => ({ kind: "unavailable", cause }),
          );
          if (seeded !== true) unseeded.set(counterKey(request), seeded || ABSENT);
        }),
      );
    }
  }

  /** A seed that was read before its counter was removed is not used. */
  #seed(counter: CounterName): Promise<boolean> {
    const key = counterKey(counter);
    const running = this.#seeding.get(key);
    if (running) return running;
    const isCurrent = () => this.#seeding.get(key) === seeding;
    const seeding: Promise<boolean> = this.#source
      .seed(counter)
      .then((seed) => {
        const wanted = seed && isCurrent() && !this.#counters.has(key);
        if (wanted) this.#counters.set(key, { ...seed, holders: 0, sequence: 0 });
        return seed !== undefined;
      })
      .finally(() => isCurrent() && this.#seeding.delete(key));
    this.#seeding.set(key, seeding);
    return seeding;
  }

  #assign(
    request: NumberRequest,
    reservation: Reservation | undefined,
    unseeded: ReadonlyMap<string, Numbered>,
  ): Numbered {
    if (reservation?.numbered) return this.#repeat(request, reservation);
    if (reservation?.failure) return { kind: "unavailable", cause: reservation.failure };
    const key = counterKey(request);
    const counter = this.#counters.get(key);
    const ready = this.#closings.judged(request);
    if (ready) return { kind: "later", ready };
    if (!counter) return unseeded.get(key) ?? ABSENT;
    if (counter.last + request.count > MAX_NUMBER) return { kind: "exhausted" };
    const first = counter.last + 1;
    counter.last += request.count;
    counter.lastTimeMs = Math.max(counter.lastTimeMs, this.#now());
    counter.holders++;
    this.#counters.delete(key);
    this.#counters.set(key, counter);
    if (reservation && request.request) {
      reservation.assign(request.request, first, counter.lastTimeMs);
      reservation.takers++;
    }
    return { kind: "assigned", first, createTimeMs: counter.lastTimeMs };
  }

  #repeat(request: NumberRequest, reservation: Reservation): Numbered {
    const { digest, first, createTimeMs, stored } = reservation;
    if (!request.request || Buffer.compare(request.request.digest, digest!) !== 0) return { kind: "reused" };
    if (!stored) {
      reservation.takers++;
      const counter = this.#counters.get(counterKey(request));
      if (counter) counter.holders++;
    }
    return { kind: "repeated", first, createTimeMs, stored };
  }

  /** A chat that was just stored has a counter before the database knows it. */
  #open(application: string, { first, createTimeMs }: { first: number; createTimeMs: number }, sequence: number): void {
    const key = counterKey({ application, chat: first });
    if (sequence <= this.#persisted || this.#counters.has(key)) return;
    this.#counters.set(key, { last: 0, lastTimeMs: createTimeMs, holders: 0, sequence });
  }
}
