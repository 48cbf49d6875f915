import { type CreateRequestKey, isToBeStored, type Numbered, type NumberRequest } from "./numbering.ts";
import type { NumberingSource } from "./numbering-source.ts";

/** What a request_id stands for from its first sight until its write can be found in the database. */
export class Reservation {
  /** Resolves when the database was asked for it. */
  readonly looked: Promise<void>;
  /** Why the database could not be asked. */
  failure: unknown;
  digest: Uint8Array | undefined;
  first = 0;
  createTimeMs = 0;
  stored = false;
  /** How many groups hold it and are not settled. */
  holders = 0;
  /** How many of them were told to store its number. */
  takers = 0;
  /** The last record it was stored with. */
  sequence = 0;

  constructor(looked: Promise<void>) {
    this.looked = looked.catch((error) => {
      this.failure = error;
    });
  }

  /** Whether a number belongs to it already. */
  get numbered(): boolean {
    return this.digest !== undefined;
  }

  assign({ digest }: CreateRequestKey, first: number, createTimeMs: number): void {
    this.digest = digest;
    this.first = first;
    this.createTimeMs = createTimeMs;
  }

  /** Tells what became of one taker. A number that nobody stored stays unused; the request gets another. */
  settle(sequence: number | undefined): void {
    this.takers--;
    if (sequence !== undefined) {
      this.stored = true;
      this.sequence = Math.max(this.sequence, sequence);
    } else if (this.takers === 0 && !this.stored) {
      this.digest = undefined;
    }
  }
}

type Wanted = NumberRequest & { request: CreateRequestKey };

function keyOf({ application, chat, request }: Wanted): string {
  return `${application}/${chat ?? ""}/${request.principal}/${request.requestId}`;
}

function hasRequest(request: NumberRequest): request is Wanted {
  return request.request !== undefined;
}

/**
 * The request_ids in flight. One that is not here is looked up in the database; since it is entered here first, two
 * groups that carry the same one meet, and since it leaves only when its write is persisted, none falls in between.
 */
export class RequestReservations {
  readonly #source: NumberingSource;
  readonly #byKey = new Map<string, Reservation>();
  /** Those that were stored, in the order of their records: they are forgotten from the front. */
  readonly #stored: { key: string; sequence: number }[] = [];
  #persisted = 0;

  constructor(source: NumberingSource) {
    this.#source = source;
  }

  /** A reservation for each request that has a request_id, looked up, or with the failure of the look-up. */
  async reserve(group: readonly NumberRequest[]): Promise<(Reservation | undefined)[]> {
    const unknown = group.filter(hasRequest).filter((request) => !this.#byKey.has(keyOf(request)));
    if (unknown.length > 0) this.#lookUp(unknown);
    const reservations = group.map((request) => (hasRequest(request) ? this.#byKey.get(keyOf(request)) : undefined));
    for (const reservation of reservations) if (reservation) reservation.holders++;
    await Promise.all(reservations.map((reservation) => reservation?.looked));
    return reservations;
  }

  /** Whether a request's write is in the queue already, by an earlier try of it. */
  isStored(request: NumberRequest): boolean {
    return hasRequest(request) && this.#byKey.get(keyOf(request))?.stored === true;
  }

  /** Gives back what `reserve` took, with the sequence of the group's record where one was stored. */
  release(group: readonly NumberRequest[], numbered: readonly Numbered[], sequence: number | undefined): void {
    group.forEach((request, index) => {
      const reservation = hasRequest(request) ? this.#byKey.get(keyOf(request)) : undefined;
      if (!reservation || !hasRequest(request)) return;
      reservation.holders--;
      const key = keyOf(request);
      if (isToBeStored(numbered[index]!)) {
        reservation.settle(sequence);
        if (sequence !== undefined) this.#stored.push({ key, sequence });
      }
      this.#forgetIfKnown(key);
    });
  }

  /** Forgets what the database knows by now. */
  persisted(sequence: number): void {
    this.#persisted = sequence;
    const waiting = this.#stored.findIndex((stored) => stored.sequence > sequence);
    const done = this.#stored.splice(0, waiting === -1 ? this.#stored.length : waiting);
    for (const { key } of done) this.#forgetIfKnown(key);
  }

  /** Forgets a request that nobody holds, unless its write is in the queue alone. */
  #forgetIfKnown(key: string): void {
    const reservation = this.#byKey.get(key);
    if (!reservation || reservation.holders > 0) return;
    if (!reservation.stored || reservation.sequence <= this.#persisted) this.#byKey.delete(key);
  }

  #lookUp(unknown: readonly Wanted[]): void {
    const names = unknown.map(({ application, chat, request }) => ({ application, chat, ...request }));
    const found = this.#source.findRequests(names);
    unknown.forEach((request, index) => {
      const reservation: Reservation = new Reservation(
        found.then((rows) => {
          const row = rows[index];
          if (!row || reservation.numbered) return;
          reservation.assign({ ...request.request, digest: row.digest }, row.first, row.createTimeMs);
          reservation.stored = true;
        }),
      );
      this.#byKey.set(keyOf(request), reservation);
    });
  }
}
