import { expect, test } from "vitest";
import type { Numbered } from "../../../services/numbering/numbering.ts";
import { createRequestOf, numbersOf } from "../../../services/write-path/creates.ts";
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
