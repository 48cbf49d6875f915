import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { RecordSchema, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { bodyOf } from "../../../services/message/message-body.ts";
import type { RecentMessages } from "../../../services/message/recent-messages.ts";
import { MemoryNumbering } from "../../../services/numbering/memory-numbering.ts";
import {
  type Closing,
  type CreateRequestKey,
  type Numbered,
  type Numbering,
  NumberingUnavailableError,
  type NumberRequest,
} from "../../../services/numbering/numbering.ts";
import { GroupCommit, type GroupObserver } from "../../../services/write-path/group-commit.ts";
import type {
  Committed,
  PendingCreate,
  PendingMutation,
  PendingWrite,
} from "../../../services/write-path/pending-write.ts";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { EpochOverError, QueueFullError, QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { failureOf } from "../../failure.ts";
import { recentBatch } from "../message/recent-batch.ts";
import { SimulatedDatabase } from "../numbering/simulated-database.ts";
import { editWrite, messagesWrite, newMessage } from "../writes.ts";
import { FakeQueue } from "./fake-queue.ts";

const APPLICATION = "0123456789abcdefghjkmnpqrs";
const LIMITS = { groupMessages: 10, groupBytes: 1_000, pendingWrites: 100, pendingBytes: 10_000 };
const chatOf = (chat: number): ChatName => ({ application: APPLICATION, chat });
const keyOf = (requestId: string): CreateRequestKey => ({ principal: "p", requestId, digest: Uint8Array.of(1) });

function createOf(chat: number, { count = 1, bytes = 10, requestId = "", body = "" } = {}): PendingCreate {
  const name = chatOf(chat);
  return {
    kind: "create",
    request: { ...name, count, request: requestId ? keyOf(requestId) : undefined },
    bytes,
    build: (first, createTimeMs) => {
      const messages = Array.from({ length: count }, (_, index) =>
        newMessage(name, first + index, { body, createTimeMs }),
      );
      return { write: toBinary(WriteSchema, messagesWrite(name, messages)), recent: recentBatch(name, messages) };
    },
  };
}

const mutationOf = (bytes = 10): PendingMutation => ({
  kind: "mutation",
  write: toBinary(WriteSchema, editWrite("m", "new")),
  bytes,
});

type Options = { queue?: FakeQueue; limits?: typeof LIMITS; observe?: GroupObserver; numbering?: Numbering };

function open({ queue = new FakeQueue(), limits = LIMITS, observe, numbering }: Options = {}) {
  const database = new SimulatedDatabase();
  for (const chat of [1, 2, 3]) database.create(chatOf(chat));
  const stores = {
    numbering: numbering ?? new MemoryNumbering(database),
    queue,
    recents: new MemoryRecentMessages(1_000_000),
    horizon: new Horizon(0),
  };
  return { groups: new GroupCommit(stores, limits, observe), database, ...stores };
}

/** The numbers of a chat's messages that readers see. */
async function shownIn(recents: RecentMessages, chat: number): Promise<number[] | undefined> {
  const part = await recents.read(chatOf(chat), { after: 0, before: 1_000, newestFirst: false, limit: 1_000 });
  return part?.messages.map(({ number }) => number);
}

/** What has settled so far of some promises, once the event loop went round. */
async function settledOf(...promises: Promise<unknown>[]): Promise<number[]> {
  const settled: number[] = [];
  for (const [index, promise] of promises.entries()) {
    const note = () => settled.push(index);
    promise.then(note, note);
  }
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

/** Bodies of the messages of each record, or "mutation". */
const bodiesOf = (writes: Write[][]) =>
  writes.map((record) =>
    record.flatMap(({ kind }) =>
      kind.case === "createMessages" ? kind.value.messages.map(({ content }) => content.value) : [kind.case],
    ),
  );

describe("group commit", () => {
  test("puts what arrives together into one record, in the order of arrival", async () => {
    const { groups, queue } = open();
    const writes = [
      createOf(1, { body: "a" }),
      mutationOf(),
      createOf(2, { body: "b", count: 2 }),
      createOf(1, { body: "c" }),
    ];
    const committed = await Promise.all(writes.map((write) => groups.submit(write)));
    expect(bodiesOf(queue.writes)).toEqual([["a", "mutation", "b", "b", "c"]]);
    expect(committed.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1]);
    expect(committed.map(({ numbered }) => numbered && "first" in numbered && numbered.first)).toEqual([
      1,
      undefined,
      1,
      2,
    ]);
  });

  test("lets readers see a create before it is answered", async () => {
    const { groups, recents } = open();
    await groups.submit(createOf(1, { count: 2 }));
    expect(await shownIn(recents, 1)).toEqual([1, 2]);
  });

  test("stores nothing for creates that got no number, and answers them", async () => {
    const { groups, queue } = open();
    await groups.submit(createOf(1, { requestId: "r" }));
    const reused = createOf(1, { requestId: "r" });
    reused.request.request = { ...keyOf("r"), digest: Uint8Array.of(2) };
    const committed = await Promise.all(
      [createOf(9), reused, createOf(1, { requestId: "r" })].map((write) => groups.submit(write)),
    );
    expect(committed).toMatchObject([
      { numbered: { kind: "absent" }, sequence: undefined },
      { numbered: { kind: "reused" }, sequence: undefined },
      { numbered: { kind: "repeated", first: 1 }, sequence: undefined },
    ]);
    expect(queue.records).toHaveLength(1);
  });

  test("stores a repeated create again while the first is not known to be stored, under the same number", async () => {
    const { groups, queue } = open();
    const committed = await Promise.all([1, 2].map(() => groups.submit(createOf(1, { requestId: "r" }))));
    expect(committed).toMatchObject([
      { numbered: { kind: "assigned", first: 1 }, sequence: 1 },
      { numbered: { kind: "repeated", first: 1, stored: false }, sequence: 1 },
    ]);
    expect(queue.writes[0]![0]).toEqual(queue.writes[0]![1]);
  });

  test("closes a group at its limits of messages and bytes", async () => {
    const { groups, queue } = open();
    const wide = [4, 4, 4, 25, 1].map((count, index) => groups.submit(createOf(1, { count, body: `${index}` })));
    await Promise.all(wide);
    expect(queue.writes.map((record) => record.length)).toEqual([2, 1, 1, 1]);
    const heavy = [400, 400, 400, 5_000, 10].map((bytes) => groups.submit(createOf(2, { bytes })));
    await Promise.all(heavy);
    expect(queue.writes.slice(4).map((record) => record.length)).toEqual([2, 1, 1, 1]);
  });

  test("has few groups in flight, and fills the next while they are", async () => {
    const { groups, queue } = open({ limits: { ...LIMITS, pendingWrites: 1_000 } });
    const submitted: Promise<Committed>[] = [];
    for (let turn = 0; turn < 20; turn++) {
      for (let write = 0; write < 3; write++) submitted.push(groups.submit(createOf(1)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(submitted);
    expect(queue.mostInFlight).toBeLessThanOrEqual(2);
    expect(queue.records.length).toBeLessThan(60);
  });

  test("tells of each group that was stored", async () => {
    const observe = vi.fn();
    const { groups, queue } = open({ observe });
    await Promise.all([groups.submit(createOf(1, { count: 3 })), groups.submit(mutationOf())]);
    expect(observe.mock.calls).toEqual([[{ messages: 3, bytes: queue.records[0]!.data.byteLength }]]);
  });
});

describe("group commit refuses", () => {
  test("writes that are too many to wait", async () => {
    const { groups } = open({ limits: { ...LIMITS, pendingWrites: 2 } });
    const accepted = [groups.submit(createOf(1)), groups.submit(mutationOf())];
    expect(groups.pending).toBe(2);
    expect(await failureOf(groups.submit(createOf(1)))).toMatchObject({
      code: "ResourceExhausted",
      reason: "TOO_MANY_PENDING",
    });
    await Promise.all(accepted);
    expect(groups.pending).toBe(0);
    await groups.submit(createOf(1));
  });

  test("bytes that are too many to wait, and takes more once they are on their way", async () => {
    const { groups } = open({ limits: { ...LIMITS, pendingBytes: 100 } });
    const accepted = groups.submit(createOf(1, { bytes: 60 }));
    expect(await failureOf(groups.submit(createOf(1, { bytes: 41 })))).toMatchObject({ reason: "TOO_MANY_PENDING" });
    const small = groups.submit(mutationOf(40));
    await Promise.all([accepted, small]);
    await groups.submit(createOf(1, { bytes: 100 }));
  });

  test("a group that the queue cannot hold or store, and its numbers are not held for ever", async () => {
    const errors = [new QueueFullError(7), new QueueUnavailableError(new Error("the disk is full"))];
    const { groups, database } = open({ queue: new FakeQueue(() => errors.shift()) });
    const [create, mutation] = [createOf(1, { requestId: "r" }), mutationOf()].map((write) =>
      failureOf(groups.submit(write)),
    );
    expect(await create).toMatchObject({ code: "ResourceExhausted", reason: "TOO_MANY_PENDING" });
    expect(await mutation).toMatchObject({ code: "ResourceExhausted", reason: "TOO_MANY_PENDING" });
    expect(await failureOf(groups.submit(createOf(1)))).toMatchObject({
      code: "Unavailable",
      reason: "STORE_UNAVAILABLE",
    });
    database.away = true;
    expect(await groups.submit(createOf(1, { requestId: "s" }))).toMatchObject({ numbered: { kind: "unavailable" } });
    database.away = false;
    expect(await groups.submit(createOf(1, { requestId: "r" }))).toMatchObject({
      numbered: { kind: "assigned" },
      sequence: 1,
    });
  });

  test("a group in which a create cannot be built, and gives its numbers back", async () => {
    const { groups, numbering } = open();
    const settle = vi.spyOn(numbering, "settle");
    const broken: PendingCreate = {
      ...createOf(1),
      build: () => {
        throw new Error("cannot be built");
      },
    };
    await expect(groups.submit(broken)).rejects.toThrow("cannot be built");
    const numbered = { numbered: [expect.objectContaining({ kind: "assigned" })] };
    expect(settle).toHaveBeenCalledWith([broken.request], numbered, undefined);
  });

  test("everything once it stops, when it has settled what it accepted", async () => {
    const { groups, queue } = open({ limits: { ...LIMITS, groupMessages: 1 } });
    const accepted = [1, 2, 3].map((chat) => groups.submit(createOf(chat)));
    const stopped = groups.stop();
    expect(await failureOf(groups.submit(createOf(1)))).toMatchObject({ code: "Unavailable", reason: "SHUTTING_DOWN" });
    await stopped;
    expect(queue.records).toHaveLength(3);
    await Promise.all(accepted);
    await groups.stop();
  });
});

/** Numbering in epochs: what each group gets, and how often a group was numbered because its epoch was over. */
class EpochNumbering implements Numbering {
  epoch = 7;
  readonly overs: (number | undefined)[] = [];
  readonly settled: (number | undefined)[] = [];
  #last = 0;

  async number(group: readonly NumberRequest[], over?: number) {
    this.overs.push(over);
    if (over !== undefined) this.epoch = Math.max(this.epoch, over + 1);
    const numbered = group.map((): Numbered => ({ kind: "assigned", first: ++this.#last, createTimeMs: 1 }));
    return { numbered, epoch: this.epoch };
  }

  async settle(_group: readonly NumberRequest[], _numbered: unknown, sequence: number | undefined): Promise<void> {
    this.settled.push(sequence);
  }

  async close(): Promise<Closing> {
    return { epoch: this.epoch, numbered: 0 };
  }
  async reopen(): Promise<void> {}
  async remove(): Promise<void> {}
  persisted(): void {}
}

describe("a group whose epoch is over before it is stored", () => {
  test("is numbered anew in a later one, and stored once, under those numbers", async () => {
    const errors = [new EpochOverError(7), new EpochOverError(8)];
    const numbering = new EpochNumbering();
    const { groups, queue, recents } = open({ queue: new FakeQueue(() => errors.shift()), numbering });
    const build = vi.fn(createOf(1).build);
    const committed = await Promise.all([
      groups.submit({ ...createOf(1), build }),
      groups.submit(mutationOf()),
      groups.submit(createOf(1)),
    ]);
    expect(numbering.overs).toEqual([undefined, 7, 8]);
    expect(queue.epochs).toEqual([7, 8, 9]);
    expect(numbering.settled).toEqual([undefined, undefined, 1]);
    expect(build.mock.calls).toEqual([
      [1, 1, 7],
      [3, 1, 8],
      [5, 1, 9],
    ]);
    expect(committed.map(({ numbered }) => numbered && "first" in numbered && numbered.first)).toEqual([
      5,
      undefined,
      6,
    ]);
    expect(queue.writes).toHaveLength(1);
    expect(await shownIn(recents, 1)).toEqual([5, 6]);
  });

  test("is given up where no epoch lasts, and its callers may try again", async () => {
    const numbering = new EpochNumbering();
    const { groups } = open({ queue: new FakeQueue(() => new EpochOverError(numbering.epoch)), numbering });
    expect(await failureOf(groups.submit(createOf(1)))).toMatchObject({
      code: "Unavailable",
      reason: "STORE_UNAVAILABLE",
    });
    expect(numbering.overs.length).toBeGreaterThan(2);
    expect(numbering.overs.length).toBeLessThan(20);
  });

  test("needs no epoch for mutations alone", async () => {
    const { groups, queue } = open({ numbering: new EpochNumbering() });
    await groups.submit(mutationOf());
    expect(queue.epochs).toEqual([undefined]);
  });
});

test("where no number can be given, the callers of the group may try again, and nothing is stored", async () => {
  const numbering = new EpochNumbering();
  vi.spyOn(numbering, "number").mockRejectedValueOnce(new NumberingUnavailableError(new Error("away")));
  const { groups, queue } = open({ numbering });
  expect(await failureOf(groups.submit(createOf(1)))).toMatchObject({
    code: "Unavailable",
    reason: "STORE_UNAVAILABLE",
  });
  expect(queue.records).toEqual([]);
  expect(await groups.submit(createOf(1))).toMatchObject({ sequence: 1 });
});

describe("a group that is stored", () => {
  test("is answered as stored where the numbering cannot be told", async () => {
    const numbering = new EpochNumbering();
    vi.spyOn(numbering, "settle").mockRejectedValue(new Error("away"));
    const { groups } = open({ numbering });
    expect(await groups.submit(createOf(1))).toMatchObject({ numbered: { first: 1 }, sequence: 1 });
  });

  test("is answered once the numbering is told, so that a chat that was answered gives numbers", async () => {
    const numbering = new EpochNumbering();
    const told = Promise.withResolvers<void>();
    vi.spyOn(numbering, "settle").mockReturnValue(told.promise);
    const { groups } = open({ numbering });
    const submitted = groups.submit(createOf(1));
    expect(await settledOf(submitted)).toEqual([]);
    told.resolve();
    expect(await submitted).toMatchObject({ sequence: 1 });
  });

  test("is answered when the writer has passed it where the recent messages do not show it", async () => {
    const { groups, queue, recents, horizon } = open();
    vi.spyOn(recents, "add").mockResolvedValueOnce(false);
    const first = groups.submit(createOf(1));
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(1);
    const [second, third] = [groups.submit(createOf(2)), groups.submit(mutationOf())];
    expect(await settledOf(first, second, third)).toEqual([1, 2]);
    horizon.advance(endOfRecord(1));
    expect(await first).toMatchObject({ numbered: { first: 1 }, sequence: 1 });
  });

  test("is not waited for by those behind it, however many are not shown", async () => {
    const { groups, queue, recents, horizon } = open({ limits: { ...LIMITS, groupMessages: 1 } });
    vi.spyOn(recents, "add").mockResolvedValue(false);
    const submitted = Array.from({ length: 6 }, () => groups.submit(createOf(1)));
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(6);
    expect(await settledOf(...submitted)).toEqual([]);
    horizon.advance(endOfRecord(4));
    expect(await settledOf(...submitted)).toEqual([0, 1, 2, 3]);
    horizon.advance(endOfRecord(6));
    await Promise.all(submitted);
  });

  test("is waited for by a stop until it is answered", async () => {
    const { groups, queue, recents, horizon } = open();
    vi.spyOn(recents, "add").mockResolvedValue(false);
    const submitted = groups.submit(createOf(1));
    const stopped = groups.stop();
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(1);
    expect(await settledOf(stopped)).toEqual([]);
    horizon.advance(endOfRecord(1));
    await stopped;
    expect(await submitted).toMatchObject({ sequence: 1 });
  });

  test("and that the writer does not pass in time may be tried again by its callers", async () => {
    vi.spyOn(AbortSignal, "timeout").mockImplementation(() => AbortSignal.abort(new Error("too late")));
    const { groups, recents } = open();
    vi.spyOn(recents, "add").mockResolvedValueOnce(false);
    const failure = await failureOf(groups.submit(createOf(1)));
    expect(failure).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
    vi.restoreAllMocks();
    await groups.stop();
  });
});

type Submission = { kind: "create" | "mutation"; chat: number; count: number; requestId: string; pause: boolean };

test("every write settles; what is stored is in its record, in order, within the limits, whatever fails", async () => {
  const submission = fc.record<Submission>({
    kind: fc.constantFrom("create", "create", "create", "mutation"),
    chat: fc.constantFrom(1, 2, 9),
    count: fc.integer({ min: 1, max: 4 }),
    requestId: fc.constantFrom("", "", "r", "s"),
    pause: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(submission, { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.constantFrom(true, true, true, false)),
      async (submissions, succeeds) => {
        const queue = new FakeQueue(() => (succeeds.next().value ? undefined : new Error("the disk is full")));
        const { groups, database } = open({ queue, limits: { ...LIMITS, groupMessages: 8, groupBytes: 60 } });
        const writes = submissions.map(
          ({ kind, chat, count, requestId }, index): PendingWrite =>
            kind === "mutation"
              ? { ...mutationOf(), write: toBinary(WriteSchema, editWrite(`${index}`, "new")) }
              : createOf(chat, { count: requestId ? 1 : count, requestId, body: `${index}` }),
        );
        const outcomes: Promise<PromiseSettledResult<Committed>>[] = [];
        for (const [index, write] of writes.entries()) {
          outcomes.push(Promise.allSettled([groups.submit(write)]).then(([outcome]) => outcome!));
          if (submissions[index]!.pause) await new Promise((resolve) => setImmediate(resolve));
        }
        const settled = await Promise.all(outcomes);
        await groups.stop();
        expect(queue.mostInFlight).toBeLessThanOrEqual(2);

        const recordOf = (index: number) =>
          1 + queue.writes.findIndex((record) => record.some(({ kind }) => originOf(kind) === `${index}`));
        settled.forEach((outcome, index) => {
          const sequence = outcome.status === "fulfilled" ? outcome.value.sequence : undefined;
          expect(recordOf(index)).toBe(sequence ?? 0);
        });
        for (const [index, record] of queue.writes.entries()) {
          const origins = record.map(({ kind }) => Number(originOf(kind)));
          expect(origins).toEqual([...origins].sort((a, b) => a - b));
          const marks = record.reduce(
            (sum, { kind }) => sum + (kind.case === "createMessages" ? kind.value.messages.length : 1),
            0,
          );
          expect(marks).toBeLessThanOrEqual(8);
          expect(record.length).toBeLessThanOrEqual(6);
          const encoded = toBinary(RecordSchema, { $typeName: "parley.queue.v1.Record", writes: record });
          expect(Buffer.compare(encoded, queue.records[index]!.data)).toBe(0);
        }
        // A repeated request keeps the number of its first try, which ran at the same time: only that may be inverted.
        for (const chat of [1, 2]) {
          const firsts = queue.writes.flat().flatMap(({ kind }) => {
            if (kind.case !== "createMessages" || kind.value.chat !== chat) return [];
            return submissions[Number(originOf(kind))]!.requestId ? [] : kind.value.messages[0]!.number;
          });
          expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
        }
        // Throws where a number is stored twice, or a request made two.
        for (const { kind } of queue.writes.flat()) {
          if (kind.case !== "createMessages") continue;
          const [first] = kind.value.messages;
          const { requestId } = submissions[Number(originOf(kind))]!;
          const request = {
            ...chatOf(kind.value.chat),
            count: kind.value.messages.length,
            request: requestId ? keyOf(requestId) : undefined,
          };
          database.persist({
            request,
            first: first!.number,
            createTimeMs: Number(first!.createTime!.seconds) * 1_000 + first!.createTime!.nanos / 1e6,
          });
        }
      },
    ),
    { numRuns: 120 },
  );
}, 60_000);

/** The index of the submission that a write came from. */
function originOf(kind: Write["kind"]): string {
  if (kind.case === "createMessages") return bodyOf(kind.value.messages[0]!)!;
  if (kind.case !== "mutation" || kind.value.kind.case !== "updateMessage") throw new Error("an unknown write");
  return kind.value.kind.value.message!.name;
}
