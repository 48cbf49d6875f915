import { create, toBinary } from "@bufbuild/protobuf";
import { RecordSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import type { RecentBatch, RecentMessages } from "../message/recent-messages.ts";
import { isToBeStored, type Numbered, type NumberedGroup, type Numbering } from "../numbering/numbering.ts";
import { shuttingDown } from "../rpc/call-error.ts";
import { EpochOverError, QueueUnavailableError, type WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";
import { type BuiltCreate, type Committed, marksOf, type PendingCreate, type PendingWrite } from "./pending-write.ts";
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
    const stored = this.#store(group.map(({ write }) => write));
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
  async #store(writes: readonly PendingWrite[]): Promise<StoredGroup> {
    const creates = writes.filter((write) => write.kind === "create");
    let over: number | undefined;
    for (let numberings = 1; ; numberings++) {
      const group = await this.#number(creates, over);
      try {
        return await this.#append(writes, creates, group);
      } catch (error) {
        if (!(error instanceof EpochOverError) || numberings === NUMBERINGS_MAX) throw error;
        over = group.epoch;
      }
    }
  }

  async #number(creates: readonly PendingCreate[], over: number | undefined): Promise<NumberedGroup> {
    if (creates.length === 0) return { numbered: [] };
    const requests = creates.map(({ request }) => request);
    return this.#stores.numbering.number(requests, over);
  }

  /** Stores what became of the writes, if there is anything to store, and tells the numbering what came of it. */
  async #append(
    writes: readonly PendingWrite[],
    creates: readonly PendingCreate[],
    group: NumberedGroup,
  ): Promise<StoredGroup> {
    const { numbering, queue } = this.#stores;
    const requests = creates.map(({ request }) => request);
    const numbered = new Map(creates.map((pending, index) => [pending as PendingWrite, group.numbered[index]!]));
    const built = new Map<PendingWrite, BuiltCreate | undefined>();
    let sequence: number | undefined;
    let settled: Promise<void> | undefined;
    try {
      for (const pending of creates) built.set(pending, build(pending, numbered, group.epoch));
      const stored = writes.flatMap((write) =>
        write.kind === "mutation" ? write.write : (built.get(write)?.write ?? []),
      );
      if (stored.length > 0) {
        const data = toBinary(RecordSchema, create(RecordSchema, { writes: stored }));
        sequence = await queue.append(data, { epoch: group.epoch });
        const messages = countMarks(creates.filter((pending) => built.get(pending)));
        this.#observe({ messages, bytes: data.byteLength });
      }
    } finally {
      // What it is told only spares work later.
      settled = numbering.settle(requests, group, sequence).catch(() => undefined);
    }
    const committed = writes.map((write) => {
      const inRecord = write.kind === "mutation" || built.get(write) !== undefined;
      return { numbered: numbered.get(write), sequence: inRecord ? sequence : undefined };
    });
    const recents = creates.flatMap((pending) => recentOf(built.get(pending), numbered.get(pending)!));
    return { committed, shown: this.#show(recents, sequence, group.epoch, settled) };
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

function build(pending: PendingCreate, known: ReadonlyMap<PendingWrite, Numbered>, epoch = 0): BuiltCreate | undefined {
  const numbered = known.get(pending)!;
  return isToBeStored(numbered) ? pending.build(numbered.first, numbered.createTimeMs, epoch) : undefined;
}

function recentOf(built: BuiltCreate | undefined, { kind }: Numbered): RecentBatch[] {
  return built?.recent ? [{ ...built.recent, repeated: kind === "repeated" }] : [];
}

function countMarks(creates: readonly PendingCreate[]): number {
  return creates.reduce((sum, pending) => sum + marksOf(pending), 0);
}
