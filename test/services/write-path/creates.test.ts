import { describe, expect, test, vi } from "vitest";
import type { Numbered, Readiness } from "../../../services/numbering/numbering.ts";
import { createRequestOf, numbersOf, submitCreate } from "../../../services/write-path/creates.ts";
import type { GroupCommit } from "../../../services/write-path/group-commit.ts";
import type { PendingCreate } from "../../../services/write-path/pending-write.ts";
import { failureOf } from "../../failure.ts";

const PARENT = "applications/0123456789abcdefghjkmnpqrs/chats/1";
const numbers = async (numbered: Numbered | undefined) => numbersOf({ numbered, sequence: undefined }, PARENT, "an-id");

test.each<Numbered>([
  { kind: "assigned", first: 1, createTimeMs: 1 },
  { kind: "repeated", first: 1, createTimeMs: 1, stored: true },
])("numbers that were $kind are the create's", async (numbered) => {
  expect(await numbers(numbered)).toBe(numbered);
});

test.each<[Numbered | undefined, object]>([
  [{ kind: "reused" }, { code: "AlreadyExists", reason: "REQUEST_ID_REUSED", metadata: { request_id: "an-id" } }],
  [{ kind: "absent" }, { code: "NotFound", metadata: { resource: PARENT } }],
  [{ kind: "exhausted" }, { code: "ResourceExhausted", reason: "NUMBERS_EXHAUSTED", metadata: { resource: PARENT } }],
  [
    { kind: "unavailable", cause: new Error("away") },
    { code: "Unavailable", reason: "STORE_UNAVAILABLE" },
  ],
  [undefined, { code: "NotFound" }],
])("a create that was numbered as %o fails", async (numbered, failure) => {
  expect(await failureOf(numbers(numbered))).toMatchObject(failure);
});

test("a create without a request_id keeps nothing of its request", () => {
  expect(createRequestOf(undefined)).toBeUndefined();
  expect(createRequestOf({ principal: "p", requestId: "r", digest: Uint8Array.of(1) })).toMatchObject({
    requestId: "r",
  });
});

describe("a create whose number cannot be given yet", () => {
  const write = {} as PendingCreate;
  const groupsOf = (...numbered: Numbered[]) => {
    const submit = vi.fn(async () => ({ numbered: numbered.shift(), sequence: undefined }));
    return { groups: { submit } as unknown as GroupCommit, submit };
  };

  test("waits until it can, and asks again", async () => {
    const [first, second] = [Promise.withResolvers<Readiness>(), Promise.withResolvers<Readiness>()];
    const { groups, submit } = groupsOf(
      { kind: "later", ready: first.promise },
      { kind: "later", ready: second.promise },
      { kind: "exhausted" },
    );
    const submitted = submitCreate(groups, write, new AbortController().signal);
    await expect.poll(() => submit.mock.calls.length, { interval: 1 }).toBe(1);
    first.resolve("again");
    await expect.poll(() => submit.mock.calls.length, { interval: 1 }).toBe(2);
    second.resolve("again");
    expect(await submitted).toMatchObject({ numbered: { kind: "exhausted" } });
    expect(submit.mock.calls).toEqual([[write], [write], [write]]);
  });

  test("is told where there turns out to be no parent, and does not ask again", async () => {
    const { groups, submit } = groupsOf({ kind: "later", ready: Promise.resolve("absent") });
    const submitted = await submitCreate(groups, write, new AbortController().signal);
    expect(submitted).toEqual({ numbered: { kind: "absent" }, sequence: undefined });
    expect(submit).toHaveBeenCalledTimes(1);
  });

  test("is told to try again where a store that must be asked does not answer", async () => {
    const { groups } = groupsOf({ kind: "later", ready: Promise.reject(new Error("the database is away")) });
    const failure = await failureOf(submitCreate(groups, write, new AbortController().signal));
    expect(failure).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
  });

  test("whose caller is gone leaves no rejection that nobody handles", async () => {
    const ready = Promise.withResolvers<Readiness>();
    const { groups } = groupsOf({ kind: "later", ready: ready.promise });
    await expect(submitCreate(groups, write, AbortSignal.abort(new Error("gave up")))).rejects.toThrow("gave up");
    ready.reject(new Error("the database is away"));
    await new Promise((resolve) => setImmediate(resolve));
  });

  test("waits no longer than its caller", async () => {
    const { groups } = groupsOf({ kind: "later", ready: new Promise(() => undefined) });
    const stop = new AbortController();
    const submitted = submitCreate(groups, write, stop.signal);
    setImmediate(() => stop.abort(new Error("gave up")));
    await expect(submitted).rejects.toThrow("gave up");
  });
});
