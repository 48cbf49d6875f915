import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { RecordSchema, type Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { MemoryNumbering } from "../../../services/numbering/memory-numbering.ts";
import type { CreateRequestKey } from "../../../services/numbering/numbering.ts";
import { GroupCommit, type GroupObserver } from "../../../services/write-path/group-commit.ts";
import type {
  Committed,
  PendingCreate,
  PendingMutation,
  PendingWrite,
} from "../../../services/write-path/pending-write.ts";
import { QueueFullError, QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import { failureOf } from "../../failure.ts";
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
      return { write: messagesWrite(name, messages), recent: { chat: name, messages } };
    },
  };
}

const mutationOf = (bytes = 10): PendingMutation => ({ kind: "mutation", write: editWrite("m", "new"), bytes });

function open({
  queue = new FakeQueue(),
  limits = LIMITS,
  observe,
}: {
  queue?: FakeQueue;
  limits?: typeof LIMITS;
  observe?: GroupObserver;
} = {}) {
  const database = new SimulatedDatabase();
  for (const chat of [1, 2, 3]) database.create(chatOf(chat));
  const numbering = new MemoryNumbering(database);
  const recents = new MemoryRecentMessages(1_000_000);
  const groups = new GroupCommit({ numbering, queue, recents }, limits, observe);
  return { groups, queue, recents, numbering, database };
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
    expect((await recents.window(chatOf(1)))?.messages.map(({ number }) => number)).toEqual([1, 2]);
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
    expect(settle).toHaveBeenCalledWith([broken.request], [expect.objectContaining({ kind: "assigned" })], undefined);
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
              ? { ...mutationOf(), write: editWrite(`${index}`, "new") }
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
          expect(toBinary(RecordSchema, { $typeName: "parley.queue.v1.Record", writes: record })).toEqual(
            queue.records[index]!.data,
          );
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
  if (kind.case === "createMessages") return kind.value.messages[0]!.content.value!;
  if (kind.case !== "mutation" || kind.value.kind.case !== "updateMessage") throw new Error("an unknown write");
  return kind.value.kind.value.message!.name;
}
