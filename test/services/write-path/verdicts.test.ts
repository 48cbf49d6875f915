import { create, toBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { AppliedSchema, RecordSchema, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { Verdicts } from "../../../services/write-path/verdicts.ts";
import { failureOf } from "../../failure.ts";
import { editWrite } from "../writes.ts";
import { FakeQueue } from "./fake-queue.ts";

const silent = pino({ level: "silent" });
const MAX_WAITING = 5;

function verdictOf(id: string): Write {
  const value = create(AppliedSchema, { id, outcome: { case: "deleted", value: id } });
  return create(WriteSchema, { kind: { case: "applied", value } });
}

const append = (queue: FakeQueue, ...writes: Write[]) =>
  queue.append(toBinary(RecordSchema, create(RecordSchema, { writes })));

async function follow(queue: FakeQueue, log = silent): Promise<Verdicts> {
  const verdicts = new Verdicts(queue, log, MAX_WAITING);
  await verdicts.start();
  onTestFinished(() => verdicts.stop());
  return verdicts;
}

describe("verdicts", () => {
  test("reach those who wait for them, among whatever else is queued", async () => {
    const queue = new FakeQueue();
    await append(queue, verdictOf("before"));
    const verdicts = await follow(queue);
    const [a, b] = [verdicts.expect("a"), verdicts.expect("b")];
    await append(queue, editWrite("m", "new"));
    await append(queue, verdictOf("x"), verdictOf("b"), editWrite("m", "new"), verdictOf("a"));
    expect((await a).id).toBe("a");
    expect((await b).id).toBe("b");
  });

  test("are told to nobody who no longer waits, and once", async () => {
    const queue = new FakeQueue();
    const verdicts = await follow(queue);
    const told = vi.fn();
    void verdicts.expect("gone").then(told);
    verdicts.forget("gone");
    const last = verdicts.expect("last");
    await append(queue, verdictOf("gone"), verdictOf("last"), verdictOf("last"));
    await last;
    expect(told).not.toHaveBeenCalled();
  });

  test("are waited for by a bounded number at a time", async () => {
    const queue = new FakeQueue();
    const verdicts = await follow(queue);
    const first = verdicts.expect("1");
    for (const id of ["2", "3", "4", "5"]) void verdicts.expect(id);
    expect(await failureOf((async () => verdicts.expect("6"))())).toMatchObject({
      code: "ResourceExhausted",
      reason: "TOO_MANY_PENDING",
    });
    verdicts.forget("2");
    void verdicts.expect("6");
    await append(queue, verdictOf("1"));
    await first;
    void verdicts.expect("7");
    expect(() => verdicts.expect("8")).toThrow("too many");
  });

  test("are followed on after the queue could not be read, and none is lost", async () => {
    const queue = new FakeQueue();
    const read = vi.spyOn(queue, "read").mockRejectedValueOnce(new Error("an I/O error"));
    const error = vi.fn();
    const verdicts = await follow(queue, { error } as never);
    const waiting = verdicts.expect("a");
    await append(queue, verdictOf("a"));
    expect((await waiting).id).toBe("a");
    expect(read.mock.calls.length).toBeGreaterThan(1);
    expect(error).toHaveBeenCalledWith({ err: expect.any(Error), waitMs: 50 }, expect.any(String));
  });
});
