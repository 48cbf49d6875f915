import { describe, expect, test, vi } from "vitest";
import type { Numbered } from "../../../services/numbering/numbering.ts";
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

describe("a create whose parent is being deleted", () => {
  const write = {} as PendingCreate;
  const groupsOf = (...numbered: Numbered[]) => {
    const submit = vi.fn(async () => ({ numbered: numbered.shift(), sequence: undefined }));
    return { groups: { submit } as unknown as GroupCommit, submit };
  };

  test("waits until that is judged, and asks again", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { groups, submit } = groupsOf(
      { kind: "closing", judged: first.promise },
      { kind: "closing", judged: second.promise },
      { kind: "absent" },
    );
    const submitted = submitCreate(groups, write, new AbortController().signal);
    await expect.poll(() => submit.mock.calls.length, { interval: 1 }).toBe(1);
    first.resolve();
    await expect.poll(() => submit.mock.calls.length, { interval: 1 }).toBe(2);
    second.resolve();
    expect(await submitted).toMatchObject({ numbered: { kind: "absent" } });
    expect(submit.mock.calls).toEqual([[write], [write], [write]]);
  });

  test("waits no longer than its caller", async () => {
    const { groups } = groupsOf({ kind: "closing", judged: new Promise(() => undefined) });
    const stop = new AbortController();
    const submitted = submitCreate(groups, write, stop.signal);
    setImmediate(() => stop.abort(new Error("gave up")));
    await expect(submitted).rejects.toThrow("gave up");
  });
});
