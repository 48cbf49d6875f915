import type { RecentBatch, RecentMessages } from "../message/recent-messages.ts";
import type { NumberedGroup, Numbering, NumberRequest } from "../numbering/numbering.ts";
import { shuttingDown } from "../rpc/call-error.ts";
import { encodeRecord } from "../write-queue/record-encoder.ts";
import { EpochOverError, QueueUnavailableError, type WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";
import { type BuiltGroup, buildGroup } from "./built-group.ts";
import type { Committed, PendingWrite } from "./pending-write.ts";
import { answerTo } from "./store-answer.ts";
import { type GroupLimits, type WaitingWrite, WriteBacklog } from "./write-backlog.ts";

/** What is told of each group that was stored. */
export type GroupObserver = (group: { messages: number; bytes: number }) => void;

/** Groups under way at a time: one being synced, one being numbered. */
const GROUPS_IN_FLIGHT = 2;
/** How often a group is numbered at most: each time but the first an epoch was over before its record was stored. */
const NUMBERINGS_MAX = 5;
/** How long callers wait for the writer, in milliseconds, where the recent messages cannot be told of what is stored. */
const SHOW_TIMEOUT_MS = 30_000;

/** What a group works with. */
export type GroupStores = { numbering: Numbering; queue: WriteQueue; recents: RecentMessages; horizon: Horizon };

/** A group on disk. */
type StoredGroup = {
  committed: Committed[];
  /** Resolves when every reader sees it. */
  shown: Promise<void>;
};

/**
 * Group commit: writes that arrive together are numbered together, stored as one record with one sync, and answered
 * together. A group closes when the one before it is on its way, so an idle server adds no delay and a busy one fills
 * its groups.
 */
export class GroupCommit {
  readonly #stores: GroupStores;
  readonly #observe: GroupObserver;
  readonly #backlog: WriteBacklog;
  #inFlight = 0;
  /** Groups whose callers are not answered. */
  #unsettled = 0;
  #scheduled = false;
  #idle = Promise.withResolvers<void>();
  #stopping = false;

  constructor(stores: GroupStores, limits: GroupLimits, observe: GroupObserver = () => undefined) {
    this.#stores = stores;
    this.#backlog = new WriteBacklog(limits);
    this.#observe = observe;
  }

  /**
   * Resolves once the write is on disk and every reader sees it, or once it is known that it is not to be stored
   * (numbered as reused, absent, exhausted, or stored before).
   *
   * @throws RESOURCE_EXHAUSTED where too much waits; UNAVAILABLE where it could not be stored
   */
  submit(write: PendingWrite): Promise<Committed> {
    if (this.#stopping) return Promise.reject(shuttingDown());
    const committed = this.#backlog.add(write);
    this.#schedule();
    return committed;
  }

  /** How many writes wait for a group. */
  get pending(): number {
    return this.#backlog.size;
  }

  /** Refuses new writes, and resolves when those accepted are settled. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#backlog.size > 0 || this.#unsettled > 0) {
      this.#idle = Promise.withResolvers<void>();
      await this.#idle.promise;
    }
  }

  /** Lets the event loop read all sockets that are ready first: what they bring joins the group. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= GROUPS_IN_FLIGHT || this.#backlog.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#backlog.size > 0) void this.#commit(this.#backlog.take());
      this.#schedule();
    });
  }

  async #commit(group: WaitingWrite[]): Promise<void> {
    this.#inFlight++;
    this.#unsettled++;
    const stored = this.#numberAndStore(group.map(({ write }) => write));
    await stored.catch(() => undefined);
    this.#inFlight--;
    this.#schedule();
    try {
      const { committed, shown } = await stored;
      await shown;
      group.forEach(({ resolve }, index) => {
        resolve(committed[index]!);
      });
    } catch (error) {
      const answer = answerTo(error);
      for (const { reject } of group) reject(answer);
    }
    this.#unsettled--;
    this.#idle.resolve();
  }

  /** Numbers and stores a group, and does so again where the epoch of its numbers was over before it was stored. */
  async #numberAndStore(writes: readonly PendingWrite[]): Promise<StoredGroup> {
    const requests = writes.flatMap((write) => (write.kind === "create" ? [write.request] : []));
    let over: number | undefined;
    for (let numberings = 1; ; numberings++) {
      const group = await this.#number(requests, over);
      try {
        return await this.#append(writes, requests, group);
      } catch (error) {
        if (!(error instanceof EpochOverError) || numberings === NUMBERINGS_MAX) throw error;
        over = group.epoch;
      }
    }
  }

  async #number(requests: readonly NumberRequest[], over: number | undefined): Promise<NumberedGroup> {
    if (requests.length === 0) return { numbered: [] };
    return this.#stores.numbering.number(requests, over);
  }

  /** Stores what became of the writes, if there is anything to store, and tells the numbering what came of it. */
  async #append(
    writes: readonly PendingWrite[],
    requests: readonly NumberRequest[],
    group: NumberedGroup,
  ): Promise<StoredGroup> {
    let sequence: number | undefined;
    let settled: Promise<void> | undefined;
    let built: BuiltGroup;
    try {
      built = buildGroup(writes, group);
      if (built.writes.length > 0) sequence = await this.#store(built, group.epoch);
    } finally {
      // What it is told only spares work later.
      settled = this.#stores.numbering.settle(requests, group, sequence).catch(() => undefined);
    }
    const committed = built.outcomes.map(({ numbered, isStored }) => ({
      numbered,
      sequence: isStored ? sequence : undefined,
    }));
    return { committed, shown: this.#show(built.recents, sequence, group.epoch, settled) };
  }

  async #store({ writes, marks }: BuiltGroup, epoch: number | undefined): Promise<number> {
    const data = encodeRecord(writes);
    const sequence = await this.#stores.queue.append(data, { epoch });
    this.#observe({ messages: marks, bytes: data.byteLength });
    return sequence;
  }

  async #show(
    recents: readonly RecentBatch[],
    sequence: number | undefined,
    epoch: number | undefined,
    settled: Promise<void>,
  ): Promise<void> {
    const added = recents.length === 0 || sequence === undefined || this.#stores.recents.add(recents, sequence, epoch);
    await settled;
    if (await added) return;
    await this.#stores.horizon.reached(sequence!, AbortSignal.timeout(SHOW_TIMEOUT_MS)).catch((cause: unknown) => {
      throw new QueueUnavailableError(cause);
    });
  }
}
