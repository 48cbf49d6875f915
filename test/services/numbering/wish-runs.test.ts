import { describe, expect, test } from "vitest";
import type { Numbered, NumberRequest } from "../../../services/numbering/numbering.ts";
import { joinWishes, splitOutcomes } from "../../../services/numbering/wish-runs.ts";

const request = { principal: "p", requestId: "r", digest: Uint8Array.of(1) };
const some = (chat: number, count = 1): NumberRequest => ({ application: "a", chat, count });
const keyed = (chat: number): NumberRequest => ({ ...some(chat), request });
const newChat: NumberRequest = { application: "a", count: 1 };
const assigned = (first: number): Numbered => ({ kind: "assigned", first, createTimeMs: 9 });

describe("wishes for numbers", () => {
  test("of one chat are one run, whatever comes of other chats in between", () => {
    const { runs, runOf } = joinWishes([some(1), some(2), some(1), { ...some(1), application: "b" }, some(2), some(1)]);
    expect(runs.map(({ request, times }) => [request.application, request.chat, times])).toEqual([
      ["a", 1, 3],
      ["a", 2, 2],
      ["b", 1, 1],
    ]);
    expect(runOf).toEqual([0, 1, 0, 2, 1, 0]);
  });

  test.each([
    ["with a request_id", [some(1), keyed(1), some(1)]],
    ["that repeat a request_id", [keyed(1), keyed(1)]],
    ["for chats", [newChat, newChat]],
    ["for more numbers than the one before", [some(1), some(1, 2), some(1)]],
  ])("%s stand alone, and numbers rise in the order of the group", (_, group) => {
    const { runs, runOf } = joinWishes(group);
    expect(runs).toEqual(group.map((request) => ({ request, times: 1 })));
    expect(runOf).toEqual(group.map((_, index) => index));
  });

  test("get the run's numbers one after the other", () => {
    const wishes = joinWishes([some(1, 3), some(2), some(1, 3), some(2), some(1, 3)]);
    const numbered = splitOutcomes(wishes, [assigned(10), assigned(5)], 100);
    expect(numbered).toEqual([assigned(10), assigned(5), assigned(13), assigned(6), assigned(16)]);
  });

  test("get them as far as they go", () => {
    const wishes = joinWishes([some(1, 3), some(1, 3), some(1, 3)]);
    expect(splitOutcomes(wishes, [assigned(94)], 100)).toEqual([assigned(94), assigned(97), { kind: "exhausted" }]);
  });

  test("share what else becomes of a run", () => {
    const later: Numbered = { kind: "later", ready: Promise.resolve("again") };
    const wishes = joinWishes([some(1), some(2), some(1)]);
    expect(splitOutcomes(wishes, [later, { kind: "absent" }], 100)).toEqual([later, { kind: "absent" }, later]);
  });
});
