import {
  isToBeStored,
  type Numbered,
  type Numbering,
  type NumberRequest,
} from "../../../services/numbering/numbering.ts";
import type { NumberingSource } from "../../../services/numbering/numbering-source.ts";
import { type QueuedCreate, SimulatedDatabase } from "./simulated-database.ts";

/** Makes a numbering over a database, as after a start: the queue is drained. */
export type CreateNumbering = (source: NumberingSource, now: () => number) => Numbering;

/** A group that was numbered and not settled. */
export type NumberedGroup = { group: readonly NumberRequest[]; numbered: Numbered[] };

/** A numbering with a simulated queue and database around it. */
export class NumberingScene {
  readonly database = new SimulatedDatabase();
  readonly #create: CreateNumbering;
  readonly #source: NumberingSource;
  numbering: Numbering;
  /** Milliseconds since 1970, of the clock that numbering sees. */
  now = 1_000_000;
  #sequence = 0;
  #persisted = 0;
  #queue: { sequence: number; creates: QueuedCreate[] }[] = [];

  /** @param wrap stands between numbering and the database */
  constructor(create: CreateNumbering, wrap: (database: NumberingSource) => NumberingSource = (database) => database) {
    this.#create = create;
    this.#source = wrap(this.database);
    this.numbering = this.#start();
  }

  #start(): Numbering {
    return this.#create(this.#source, () => this.now);
  }

  /** Numbers a group, stores it, and settles it. */
  async store(...group: NumberRequest[]): Promise<Numbered[]> {
    const numbered = await this.numbering.number(group);
    this.settle({ group, numbered }, true);
    return numbered;
  }

  /** Settles a group that was numbered: its record is stored, or not. */
  settle({ group, numbered }: NumberedGroup, stored: boolean): void {
    const creates = group.flatMap((request, index): QueuedCreate[] => {
      const outcome = numbered[index]!;
      return isToBeStored(outcome) ? [{ request, first: outcome.first, createTimeMs: outcome.createTimeMs }] : [];
    });
    if (stored && creates.length > 0) this.#queue.push({ sequence: ++this.#sequence, creates });
    this.numbering.settle(group, numbered, stored && creates.length > 0 ? this.#sequence : undefined);
  }

  /** The writer takes records, all where it is not said how many, into the database. */
  persist(records = this.#queue.length): void {
    for (const { sequence, creates } of this.#queue.splice(0, records)) {
      for (const write of creates) this.database.persist(write);
      this.#persisted = sequence;
    }
    this.numbering.persisted(this.#persisted);
  }

  /** The process ends and starts again: what was not stored is lost, and the queue is drained first. */
  restart(): void {
    this.persist();
    this.numbering = this.#start();
  }
}
