import { create, toBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type Applied,
  AppliedSchema,
  type ChangeMembers,
  ChangeMembersSchema,
  type Mutation,
  RecordSchema,
  Refusal_Reason,
  RefusalSchema,
  WriteSchema,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { MemoryNumbering } from "../../../services/numbering/memory-numbering.ts";
import { type Numbering, NumberingUnavailableError } from "../../../services/numbering/numbering.ts";
import { GroupCommit } from "../../../services/write-path/group-commit.ts";
import { Mutations } from "../../../services/write-path/mutations.ts";
import { Verdicts } from "../../../services/write-path/verdicts.ts";
import { EpochOverError, QueueFullError, QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { failureOf } from "../../failure.ts";
import { SimulatedDatabase } from "../numbering/simulated-database.ts";
import { FakeQueue } from "./fake-queue.ts";

const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const NAME = "applications/0123456789abcdefghjkmnpqrs/chats/1";
const LIMITS = { groupMessages: 10, groupBytes: 10_000, pendingWrites: 100, pendingBytes: 10_000 };
const deletionAfter = (numbered: number): Mutation["kind"] => ({
  case: "deleteChat",
  value: { $typeName: "parley.queue.v1.DeleteChat", name: NAME, force: false, etag: "", numbered },
});
const DELETION = deletionAfter(0);
const { signal } = new AbortController();

/** Mutations over a queue; the test is the writer. */
async function open(queue = new FakeQueue(), given?: Numbering) {
  const database = new SimulatedDatabase();
  database.create(CHAT);
  const numbering = given ?? new MemoryNumbering(database);
  const recents = new MemoryRecentMessages(0);
  const groups = new GroupCommit({ numbering, queue, recents, horizon: new Horizon(0) }, LIMITS);
  const verdicts = new Verdicts(queue, pino({ level: "silent" }), 100);
  await verdicts.start();
  onTestFinished(() => verdicts.stop());
  const number = async () => {
    const group = [{ ...CHAT, count: 1 }];
    const numbered = await numbering.number(group);
    await numbering.settle(group, numbered, undefined);
    return numbered.numbered[0]!.kind;
  };
  const mutations = new Mutations({ groups, queue, verdicts, numbering });
  return { mutations, queue, database, number, numbering };
}

/** Gives the verdict on the mutation that was queued last. */
async function judge(queue: FakeQueue, outcome: Applied["outcome"], numbering?: Numbering): Promise<void> {
  await expect.poll(() => queue.writes.at(-1)?.[0]?.kind.case, { interval: 1 }).toBe("mutation");
  const { id } = queue.writes.at(-1)![0]!.kind.value as Mutation;
  if (outcome.case === "deleted") await numbering?.remove(CHAT);
  await numbering?.reopen([id]);
  const value = create(AppliedSchema, { id, outcome });
  const writes = [create(WriteSchema, { kind: { case: "applied", value } })];
  await queue.append(toBinary(RecordSchema, create(RecordSchema, { writes })));
}

const refused = (reason: Refusal_Reason): Applied["outcome"] => ({
  case: "refusal",
  value: create(RefusalSchema, { reason }),
});

describe("a mutation", () => {
  test("is answered with its effect, once the writer has judged it", async () => {
    const { mutations, queue } = await open();
    const applied = mutations.apply(DELETION, NAME, signal);
    await judge(queue, { case: "deleted", value: NAME });
    expect(await applied).toEqual({ case: "deleted", value: NAME });
    expect(queue.writes[0]![0]!.kind.value).toMatchObject({
      kind: DELETION,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test.each([
    [Refusal_Reason.NOT_FOUND, "NotFound", "RESOURCE_NOT_FOUND"],
    [Refusal_Reason.ETAG_MISMATCH, "Aborted", "ETAG_MISMATCH"],
    [Refusal_Reason.HAS_CHILDREN, "FailedPrecondition", "HAS_CHILDREN"],
    [Refusal_Reason.MESSAGE_DELETED, "FailedPrecondition", "MESSAGE_DELETED"],
    [Refusal_Reason.LAST_OWNER, "FailedPrecondition", "LAST_OWNER"],
    [Refusal_Reason.ROLE_DENIED, "PermissionDenied", "ROLE_DENIED"],
    [Refusal_Reason.KIND_MISMATCH, "FailedPrecondition", "KIND_MISMATCH"],
    [Refusal_Reason.FULL, "FailedPrecondition", "FULL"],
    [Refusal_Reason.NO_AGENT, "PermissionDenied", "ROLE_DENIED"],
  ])("that is refused for reason %i is %s", async (refusal, code, reason) => {
    const { mutations, queue } = await open();
    const failure = failureOf(mutations.apply(DELETION, NAME, signal));
    await judge(queue, refused(refusal));
    expect(await failure).toMatchObject({ code, reason, metadata: { resource: NAME } });
  });

  test("that names an agent who is none any more is told which field it was", async () => {
    const { mutations, queue } = await open();
    const failure = failureOf(mutations.apply(DELETION, NAME, signal));
    await judge(queue, refused(Refusal_Reason.ASSIGNEE_NO_AGENT));
    expect(await failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["agent"] });
  });

  test("of a session by who is no agent any more is not sent to owners, whom it has not", async () => {
    const { mutations, queue } = await open();
    const failure = failureOf(mutations.apply(DELETION, NAME, signal));
    await judge(queue, refused(Refusal_Reason.NO_AGENT));
    expect((await failure).message).not.toContain("owner");
  });

  test("that cannot be queued fails, and nobody waits for its verdict", async () => {
    const { mutations } = await open(new FakeQueue(() => new QueueUnavailableError(new Error("the disk is full"))));
    expect(await failureOf(mutations.apply(DELETION, NAME, signal))).toMatchObject({ code: "Unavailable" });
  });
});

describe("a mutation that its chat is told of", () => {
  const removal = (message: Message): Mutation["kind"] => ({
    case: "changeMembers",
    value: create(ChangeMembersSchema, { chat: NAME, message, kind: { case: "remove", value: "ada" } }),
  });
  const messageOf = (mutation: Mutation) => (mutation.kind.value as ChangeMembers).message!;

  test("has a message under the chat's next number", async () => {
    const { mutations, queue, numbering } = await open();
    for (const number of [1, 2]) {
      const applied = mutations.applyWithSystemMessage(removal, `${NAME}/members/ada`, CHAT, signal);
      await expect.poll(() => queue.records.length, { interval: 1 }).toBe(2 * number - 1);
      await judge(queue, { case: "deleted", value: NAME });
      await applied;
      const message = messageOf(queue.writes.at(-2)![0]!.kind.value as Mutation);
      expect(message).toMatchObject({ name: `${NAME}/messages/${number}`, number, author: { type: 5 } });
    }
    expect((await numbering.number([{ ...CHAT, count: 1 }])).numbered).toMatchObject([{ first: 3 }]);
  });

  test("keeps its number unused where it is refused", async () => {
    const { mutations, queue, numbering } = await open();
    const failure = failureOf(mutations.applyWithSystemMessage(removal, `${NAME}/members/ada`, CHAT, signal));
    await judge(queue, refused(Refusal_Reason.NOT_FOUND));
    expect(await failure).toMatchObject({
      reason: "RESOURCE_NOT_FOUND",
      metadata: { resource: `${NAME}/members/ada` },
    });
    expect((await numbering.number([{ ...CHAT, count: 1 }])).numbered).toMatchObject([{ first: 2 }]);
  });

  test("is numbered anew, as the same mutation, where the epoch was over before it was stored", async () => {
    const errors = [new EpochOverError(7)];
    const { mutations, queue } = await open(new FakeQueue(() => errors.shift()));
    const applied = mutations.applyWithSystemMessage(removal, NAME, CHAT, signal);
    await judge(queue, { case: "deleted", value: NAME });
    await applied;
    expect(messageOf(queue.writes[0]![0]!.kind.value as Mutation).number).toBe(2);
  });

  test("waits while the chat's deletion is judged, and is not there where the chat is not", async () => {
    const { mutations, queue, database, numbering } = await open();
    const deleted = mutations.delete(deletionAfter, NAME, CHAT, signal);
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(1);
    const failure = failureOf(mutations.applyWithSystemMessage(removal, `${NAME}/members/ada`, CHAT, signal));
    database.delete(CHAT);
    await judge(queue, { case: "deleted", value: NAME }, numbering);
    await deleted;
    expect(await failure).toMatchObject({ code: "NotFound", metadata: { resource: `${NAME}/members/ada` } });
    expect(queue.writes.flat().filter(({ kind }) => kind.case === "mutation")).toHaveLength(1);
  });
});

describe("the wait for a verdict", () => {
  test("ends with the caller, and the mutation does not", async () => {
    const { mutations, queue } = await open();
    const stop = new AbortController();
    const applied = mutations.apply(DELETION, NAME, stop.signal);
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(1);
    stop.abort(new Error("gave up"));
    await expect(applied).rejects.toThrow("gave up");
    expect(queue.writes[0]![0]!.kind.case).toBe("mutation");
  });
});

describe("a deletion", () => {
  test("keeps numbers from being given from its beginning to its end, and for good where it is applied", async () => {
    const { mutations, queue, database, number, numbering } = await open();
    expect(await number()).toBe("assigned");
    const deleted = mutations.delete(deletionAfter, NAME, CHAT, signal);
    expect(await number()).toBe("later");
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(1);
    expect(await number()).toBe("later");
    database.delete(CHAT);
    await judge(queue, { case: "deleted", value: NAME }, numbering);
    await deleted;
    expect(await number()).toBe("absent");
  });

  test("that is refused lets numbers be given again", async () => {
    const { mutations, queue, number, numbering } = await open();
    const failure = failureOf(mutations.delete(deletionAfter, NAME, CHAT, signal));
    await judge(queue, refused(Refusal_Reason.HAS_CHILDREN), numbering);
    expect(await failure).toMatchObject({ reason: "HAS_CHILDREN" });
    expect(await number()).toBe("assigned");
  });

  test("that cannot be queued lets numbers be given again", async () => {
    const { mutations, number } = await open(
      new FakeQueue(() => new QueueUnavailableError(new Error("the disk is full"))),
    );
    expect(await failureOf(mutations.delete(deletionAfter, NAME, CHAT, signal))).toMatchObject({ code: "Unavailable" });
    expect(await number()).toBe("assigned");
  });

  test("says which numbers may be stored after it", async () => {
    const { mutations, queue, numbering } = await open();
    const group = [{ ...CHAT, count: 3 }];
    const numbered = await numbering.number(group);
    const deleted = mutations.delete(deletionAfter, NAME, CHAT, signal);
    await judge(queue, { case: "deleted", value: NAME }, numbering);
    await deleted;
    expect((queue.writes[0]![0]!.kind.value as Mutation).kind).toEqual(deletionAfter(3));
    await numbering.settle(group, numbered, undefined);
  });
});

describe("a deletion, where numbers have epochs,", () => {
  const closingsIn = (...epochs: number[]) => {
    const numbering = new MemoryNumbering(new SimulatedDatabase());
    const close = vi.spyOn(numbering, "close");
    for (const epoch of epochs) close.mockResolvedValueOnce({ epoch, numbered: epoch * 10 });
    return { numbering, close, reopen: vi.spyOn(numbering, "reopen") };
  };

  test("is stored in the epoch that its counter is closed in, in a record of its own", async () => {
    const { numbering, close, reopen } = closingsIn(7);
    const { mutations, queue } = await open(new FakeQueue(), numbering);
    const deleted = mutations.delete(deletionAfter, NAME, CHAT, signal);
    const other = mutations.apply(DELETION, NAME, signal);
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(2);
    expect(queue.writes.map(({ length }) => length)).toEqual([1, 1]);
    const sent = queue.writes.map(([write]) => write!.kind.value as Mutation);
    const deletion = sent[queue.epochs.indexOf(7)]!;
    expect(deletion.kind).toEqual(deletionAfter(70));
    expect(close).toHaveBeenCalledWith(CHAT, deletion.id);
    const verdicts = sent.map(({ id }) => {
      const value = create(AppliedSchema, { id, outcome: { case: "deleted", value: NAME } });
      return create(WriteSchema, { kind: { case: "applied", value } });
    });
    await queue.append(toBinary(RecordSchema, create(RecordSchema, { writes: verdicts })));
    await deleted;
    await other;
    expect(reopen).not.toHaveBeenCalled();
  });

  test("closes the counter anew where that epoch is over, as another mutation", async () => {
    const { numbering, close } = closingsIn(7, 9);
    const errors = [new EpochOverError(7)];
    const { mutations, queue } = await open(new FakeQueue(() => errors.shift()), numbering);
    const deleted = mutations.delete(deletionAfter, NAME, CHAT, signal);
    await judge(queue, { case: "deleted", value: NAME });
    await deleted;
    expect(queue.epochs.slice(0, 2)).toEqual([7, 9]);
    expect((queue.writes[0]![0]!.kind.value as Mutation).kind).toEqual(deletionAfter(90));
    expect(new Set(close.mock.calls.map(([, id]) => id)).size).toBe(2);
  });

  test("is given up where no epoch lasts, and its caller may try again", async () => {
    const { numbering } = closingsIn(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const { mutations } = await open(new FakeQueue(() => new EpochOverError(1)), numbering);
    expect(await failureOf(mutations.delete(deletionAfter, NAME, CHAT, signal))).toMatchObject({ code: "Unavailable" });
  });

  test("opens the counter again where the queue is full, and not where it may be stored", async () => {
    for (const [error, opened] of [
      [new QueueFullError(7), 1],
      [new QueueUnavailableError(new Error("away")), 0],
    ] as const) {
      const { numbering, reopen } = closingsIn(7);
      const { mutations } = await open(new FakeQueue(() => error), numbering);
      const { reason } = await failureOf(mutations.delete(deletionAfter, NAME, CHAT, signal));
      expect(reason).toBe(opened ? "TOO_MANY_PENDING" : "STORE_UNAVAILABLE");
      expect(reopen).toHaveBeenCalledTimes(opened);
    }
  });

  test("is refused for the full queue also where the counter cannot be opened again", async () => {
    const { numbering, reopen } = closingsIn(7);
    reopen.mockRejectedValueOnce(new Error("the numbering is away"));
    const { mutations } = await open(new FakeQueue(() => new QueueFullError(7)), numbering);
    const { reason } = await failureOf(mutations.delete(deletionAfter, NAME, CHAT, signal));
    expect(reason).toBe("TOO_MANY_PENDING");
  });

  test("is not queued where the counter cannot be closed", async () => {
    const { numbering, close } = closingsIn();
    close.mockRejectedValueOnce(new NumberingUnavailableError(new Error("away")));
    const { mutations, queue } = await open(new FakeQueue(), numbering);
    expect(await failureOf(mutations.delete(deletionAfter, NAME, CHAT, signal))).toMatchObject({
      code: "Unavailable",
      reason: "STORE_UNAVAILABLE",
    });
    expect(queue.records).toEqual([]);
  });
});
