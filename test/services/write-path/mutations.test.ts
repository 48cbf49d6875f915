import { create, toBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type Applied,
  AppliedSchema,
  type Mutation,
  RecordSchema,
  Refusal_Reason,
  RefusalSchema,
  WriteSchema,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { MemoryNumbering } from "../../../services/numbering/memory-numbering.ts";
import { GroupCommit } from "../../../services/write-path/group-commit.ts";
import { Mutations } from "../../../services/write-path/mutations.ts";
import { Verdicts } from "../../../services/write-path/verdicts.ts";
import { QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { failureOf } from "../../failure.ts";
import { SimulatedDatabase } from "../numbering/simulated-database.ts";
import { FakeQueue } from "./fake-queue.ts";

const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const NAME = "applications/0123456789abcdefghjkmnpqrs/chats/1";
const LIMITS = { groupMessages: 10, groupBytes: 10_000, pendingWrites: 100, pendingBytes: 10_000 };
const DELETION: Mutation["kind"] = {
  case: "deleteChat",
  value: { $typeName: "parley.queue.v1.DeleteChat", name: NAME, force: false, etag: "" },
};

/** Mutations over a queue; the test is the writer. */
async function open(queue = new FakeQueue()) {
  const database = new SimulatedDatabase();
  database.create(CHAT);
  const numbering = new MemoryNumbering(database);
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
  return { mutations: new Mutations({ groups, verdicts, numbering }), queue, database, number };
}

/** Gives the verdict on the mutation that was queued last. */
async function judge(queue: FakeQueue, outcome: Applied["outcome"]): Promise<void> {
  await expect.poll(() => queue.writes.at(-1)?.[0]?.kind.case, { interval: 1 }).toBe("mutation");
  const { id } = queue.writes.at(-1)![0]!.kind.value as Mutation;
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
    const applied = mutations.apply(DELETION, NAME);
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
  ])("that is refused for reason %i is %s", async (refusal, code, reason) => {
    const { mutations, queue } = await open();
    const failure = failureOf(mutations.apply(DELETION, NAME));
    await judge(queue, refused(refusal));
    expect(await failure).toMatchObject({ code, reason, metadata: { resource: NAME } });
  });

  test("that cannot be queued fails, and nobody waits for its verdict", async () => {
    const { mutations } = await open(new FakeQueue(() => new QueueUnavailableError(new Error("the disk is full"))));
    expect(await failureOf(mutations.apply(DELETION, NAME))).toMatchObject({ code: "Unavailable" });
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

  test("ends with a verdict that comes in time", async () => {
    const { mutations, queue } = await open();
    const applied = mutations.apply(DELETION, NAME, new AbortController().signal);
    await judge(queue, { case: "deleted", value: NAME });
    expect(await applied).toMatchObject({ case: "deleted" });
  });
});

describe("a deletion", () => {
  test("keeps numbers from being given from its beginning to its end, and for good where it is applied", async () => {
    const { mutations, queue, database, number } = await open();
    expect(await number()).toBe("assigned");
    const deleted = mutations.delete(DELETION, NAME, CHAT);
    expect(await number()).toBe("later");
    await expect.poll(() => queue.records.length, { interval: 1 }).toBe(1);
    expect(await number()).toBe("later");
    database.delete(CHAT);
    await judge(queue, { case: "deleted", value: NAME });
    await deleted;
    expect(await number()).toBe("absent");
  });

  test("that is refused lets numbers be given again", async () => {
    const { mutations, queue, number } = await open();
    const failure = failureOf(mutations.delete(DELETION, NAME, CHAT));
    await judge(queue, refused(Refusal_Reason.HAS_CHILDREN));
    expect(await failure).toMatchObject({ reason: "HAS_CHILDREN" });
    expect(await number()).toBe("assigned");
  });

  test("that cannot be queued lets numbers be given again", async () => {
    const { mutations, number } = await open(
      new FakeQueue(() => new QueueUnavailableError(new Error("the disk is full"))),
    );
    expect(await failureOf(mutations.delete(DELETION, NAME, CHAT))).toMatchObject({ code: "Unavailable" });
    expect(await number()).toBe("assigned");
  });
});
