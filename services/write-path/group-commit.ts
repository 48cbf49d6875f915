import { create, toBinary } from "@bufbuild/protobuf";
import { RecordSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import type { RecentBatch, RecentMessages } from "../message/recent-messages.ts";
import { isToBeStored, type Numbered, type Numbering } from "../numbering/numbering.ts";
import { shuttingDown } from "../rpc/call-error.ts";
import { storeUnavailable, tooManyPending } from "../rpc/errors.ts";
import { QueueFullError, QueueUnavailableError, type WriteQueue } from "../write-queue/write-queue.ts";
import { type BuiltCreate, type Committed, marksOf, type PendingCreate, type PendingWrite } from "./pending-write.ts";
import { type GroupLimits, type WaitingWrite, WriteBacklog } from "./write-backlog.ts";

/** What is told of each group that was stored. */
export type GroupObserver = (group: { messages: number; bytes: number }) => void;

/** Groups under way at a time: one being synced, one being numbered. */
const GROUPS_IN_FLIGHT = 2;

/**
 * Group commit: writes that arrive together are numbered together, stored as one record with one sync, and answered
 * together. A group closes when the one before it is on its way, so an idle server adds no delay and a busy one fills
 * its groups.
 */
export class GroupCommit {
  readonly #numbering: Numbering;
  readonly #queue: WriteQueue;
  readonly #recents: RecentMessages;
  readonly #observe: GroupObserver;
  readonly #backlog: WriteBacklog;
  #inFlight = 0;
  #scheduled = false;
  #idle = Promise.withResolvers<void>();
  #stopping = false;

  constructor(
    { numbering, queue, recents }: { numbering: Numbering; queue: WriteQueue; recents: RecentMessages },
    limits: GroupLimits,
    observe: GroupObserver = () => undefined,
  ) {
    this.#numbering = numbering;
    this.#queue = queue;
    this.#recents = recents;
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
    while (this.#backlog.size > 0 || this.#inFlight > 0) {
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
    try {
      const committed = await this.#store(group.map(({ write }) => write));
      group.forEach(({ resolve }, index) => {
        resolve(committed[index]!);
      });
    } catch (error) {
      const answer = answerTo(error);
      for (const { reject } of group) reject(answer);
    }
    this.#inFlight--;
    this.#schedule();
    this.#idle.resolve();
  }

  async #store(writes: readonly PendingWrite[]): Promise<Committed[]> {
    const creates = writes.filter((write) => write.kind === "create");
    const numbered = await this.#number(creates);
    const { built, sequence } = await this.#append(writes, creates, numbered);
    if (sequence !== undefined) {
      const recents = creates.flatMap((pending) => recentOf(built.get(pending), numbered.get(pending)!));
      if (recents.length > 0) await this.#recents.add(recents, sequence);
    }
    return writes.map((write) => {
      const inRecord = write.kind === "mutation" || built.get(write) !== undefined;
      return { numbered: numbered.get(write), sequence: inRecord ? sequence : undefined };
    });
  }

  async #number(creates: readonly PendingCreate[]): Promise<Map<PendingWrite, Numbered>> {
    if (creates.length === 0) return new Map();
    const numbered = await this.#numbering.number(creates.map(({ request }) => request));
    return new Map(creates.map((pending, index) => [pending, numbered[index]!]));
  }

  /** Stores what became of the writes, if there is anything to store, and tells the numbering what came of it. */
  async #append(
    writes: readonly PendingWrite[],
    creates: readonly PendingCreate[],
    numbered: ReadonlyMap<PendingWrite, Numbered>,
  ) {
    let sequence: number | undefined;
    try {
      const built = new Map(creates.map((pending) => [pending as PendingWrite, buildCreate(pending, numbered)]));
      const stored = writes.flatMap((write) =>
        write.kind === "mutation" ? write.write : (built.get(write)?.write ?? []),
      );
      if (stored.length > 0) {
        const data = toBinary(RecordSchema, create(RecordSchema, { writes: stored }));
        sequence = await this.#queue.append(data);
        this.#observe({
          messages: countMarks(creates.filter((pending) => built.get(pending))),
          bytes: data.byteLength,
        });
      }
      return { built, sequence };
    } finally {
      const requests = creates.map(({ request }) => request);
      const outcomes = creates.map((pending) => numbered.get(pending)!);
      this.#numbering.settle(requests, outcomes, sequence);
    }
  }
}

function buildCreate(pending: PendingCreate, known: ReadonlyMap<PendingWrite, Numbered>): BuiltCreate | undefined {
  const numbered = known.get(pending)!;
  return isToBeStored(numbered) ? pending.build(numbered.first, numbered.createTimeMs) : undefined;
}

function recentOf(built: BuiltCreate | undefined, { kind }: Numbered): RecentBatch[] {
  return built?.recent ? [{ ...built.recent, repeated: kind === "repeated" }] : [];
}

function countMarks(creates: readonly PendingCreate[]): number {
  return creates.reduce((sum, pending) => sum + marksOf(pending), 0);
}

/** What the callers of a group are told of its failure. A bug is not a store that is away. */
function answerTo(error: unknown): unknown {
  if (error instanceof QueueFullError) return tooManyPending(error);
  return error instanceof QueueUnavailableError ? storeUnavailable("the write queue", error.cause) : error;
}
