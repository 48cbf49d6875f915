import {
  type CounterName,
  isToBeStored,
  type Numbered,
  type NumberedGroup,
  type Numbering,
  type NumberRequest,
} from "../../../services/numbering/numbering.ts";
import type { NumberingSource } from "../../../services/numbering/numbering-source.ts";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { EpochOverError } from "../../../services/write-queue/write-queue.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { type QueuedCreate, SimulatedDatabase } from "./simulated-database.ts";
import { SimulatedQueue } from "./simulated-queue.ts";

/** What a numbering may work with. */
export type NumberingStores = {
  source: NumberingSource;
  queue: SimulatedQueue;
  horizon: Horizon;
  /** Milliseconds since 1970. */
  now: () => number;
};

/** Makes a numbering, as after a start of its process. */
export type CreateNumbering = (stores: NumberingStores) => Numbering | Promise<Numbering>;

/** A group that was numbered and not settled. */
export type OpenGroup = { group: readonly NumberRequest[]; numbered: NumberedGroup };

type SharedStores = { database: SimulatedDatabase; queue: SimulatedQueue; horizon: Horizon; source: NumberingSource };

/** A process that numbers, with a simulated queue and database, which others may share. */
export class NumberingScene {
  readonly database: SimulatedDatabase;
  readonly queue: SimulatedQueue;
  readonly horizon: Horizon;
  readonly #create: CreateNumbering;
  readonly #source: NumberingSource;
  #numbering: Numbering | undefined;
  /** Milliseconds since 1970, of the clock that numbering sees. */
  now = 1_000_000;

  private constructor(create: CreateNumbering, { database, queue, horizon, source }: SharedStores) {
    this.#create = create;
    this.database = database;
    this.queue = queue;
    this.horizon = horizon;
    this.#source = source;
  }

  /** @param wrap stands between numbering and the database */
  static async open(
    create: CreateNumbering,
    wrap: (database: NumberingSource) => NumberingSource = (database) => database,
  ): Promise<NumberingScene> {
    const database = new SimulatedDatabase();
    const stores = { database, queue: new SimulatedQueue(), horizon: new Horizon(0), source: wrap(database) };
    const scene = new NumberingScene(create, stores);
    await scene.restart();
    return scene;
  }

  /** Another process with the same queue and database. */
  async fork(create: CreateNumbering = this.#create): Promise<NumberingScene> {
    const other = new NumberingScene(create, { ...this.#stores(), database: this.database });
    other.#numbering = await create({ ...other.#stores(), now: () => other.now });
    return other;
  }

  get numbering(): Numbering {
    return this.#numbering!;
  }

  /** Numbers a group, stores what got numbers, and settles it; numbers anew what belongs to an epoch that is over. */
  async ask(...group: NumberRequest[]): Promise<readonly Numbered[]> {
    for (let over: number | undefined; ; ) {
      const numbered = await this.numbering.number(group, over);
      try {
        await this.settle({ group, numbered }, true);
        return numbered.numbered;
      } catch (error) {
        if (!(error instanceof EpochOverError)) throw error;
        over = numbered.epoch;
      }
    }
  }

  /** Asks, and where an answer is for later, lets the writer go on, waits, and asks again. */
  async store(...group: NumberRequest[]): Promise<Numbered[]> {
    const numbered = await this.ask(...group);
    return Promise.all(
      numbered.map(async (outcome, index): Promise<Numbered> => {
        if (outcome.kind !== "later") return outcome;
        this.persist();
        const ready = await outcome.ready.catch((cause: unknown): Numbered => ({ kind: "unavailable", cause }));
        if (ready === "absent") return { kind: "absent" };
        return ready === "again" ? (await this.store(group[index]!))[0]! : ready;
      }),
    );
  }

  /** Numbers a group as a whole, once none of it has to wait. The test settles it. */
  async number(...group: NumberRequest[]): Promise<OpenGroup> {
    for (;;) {
      const numbered = await this.numbering.number(group);
      const waiting = numbered.numbered.filter((outcome) => outcome.kind === "later");
      if (waiting.length === 0) return { group, numbered };
      await this.settle({ group, numbered }, false);
      this.persist();
      await Promise.all(waiting.map(({ ready }) => ready));
    }
  }

  /** Settles a group that was numbered: its record is stored, or not. */
  async settle({ group, numbered }: OpenGroup, stored: boolean): Promise<void> {
    const creates = group.flatMap((request, index): QueuedCreate[] => {
      const outcome = numbered.numbered[index]!;
      if (!isToBeStored(outcome)) return [];
      const { first, createTimeMs } = outcome;
      return [{ request, first, createTimeMs, epoch: numbered.epoch }];
    });
    let sequence: number | undefined;
    try {
      if (stored && creates.length > 0) sequence = this.queue.append(creates, numbered.epoch);
    } finally {
      await this.numbering.settle(group, numbered, sequence).catch(() => undefined);
    }
  }

  /** The writer takes records, all where it is not said how many, into the database. */
  persist(records?: number): void {
    for (const { sequence, creates } of this.queue.take(records)) {
      for (const write of creates) this.database.persist(write);
      this.horizon.advance(endOfRecord(sequence));
      this.#numbering?.persisted(sequence);
    }
  }

  /** The writer deletes what has a counter, as a deletion asks that was closed under an id. */
  async delete(counter: CounterName, id: string): Promise<void> {
    this.persist();
    this.database.delete(counter);
    await this.numbering.remove(counter);
    await this.numbering.reopen([id]);
  }

  /** The process ends and starts again: what was not stored is lost, and the queue is drained first. */
  async restart(): Promise<void> {
    this.persist();
    this.#numbering = await this.#create({ ...this.#stores(), now: () => this.now });
  }

  #stores() {
    return { source: this.#source, queue: this.queue, horizon: this.horizon };
  }
}
