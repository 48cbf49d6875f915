import { describe, expect, test } from "vitest";
import type { CallKind } from "../../../bench/load/arrivals.ts";
import type { UnaryClient } from "../../../bench/load/unary-client.ts";
import { UserCalls } from "../../../bench/load/user-calls.ts";

const PARENT = "applications/a";
type Answers = { createMessage?: object; listMessages?: object; getMessage?: object };

/** Calls in a chat that has 3 messages, whose pages have 2, and how they are answered. */
function callsWith(answers: Answers) {
  const requests: unknown[] = [];
  const call = async ({ localName }: { localName: keyof Answers }, request: unknown) => {
    requests.push(request);
    return answers[localName];
  };
  const client = { call } as unknown as UnaryClient;
  const calls = new UserCalls({ client, parent: PARENT, pageSize: 2, sizeOf: () => 3 });
  const make = (kind: CallKind) => calls.make({ atMs: 0, user: 7, kind, chat: 5 });
  return { requests, make };
}

const page = (...numbers: number[]) => ({ listMessages: { messages: numbers.map((number) => ({ number })) } });
const message = (number: number) => ({ getMessage: { name: `${PARENT}/chats/5/messages/${number}` } });

describe("calls of users", () => {
  test("are of the user, and ask for the newest that was answered", async () => {
    const { requests, make } = callsWith({ createMessage: { number: 4 }, ...page(4, 3), ...message(4) });
    for (const kind of ["create", "list", "get"] as const) await make(kind);
    expect(requests).toMatchObject([
      { parent: `${PARENT}/chats/5`, message: { author: { user: "user-7" } } },
      { parent: `${PARENT}/chats/5`, pageSize: 2 },
      { name: `${PARENT}/chats/5/messages/4` },
    ]);
  });

  test.each<[string, CallKind, Answers]>([
    ["a list lacks what is there", "list", page(2, 1)],
    ["a list is empty", "list", page()],
    ["a page is not full", "list", page(3)],
    ["another message comes", "get", message(2)],
  ])("are wrong where %s", async (_what, kind, answers) => {
    await expect(callsWith(answers).make(kind)).rejects.toThrow(PARENT);
  });

  test("are wrong where a list lacks what was answered before", async () => {
    const { make } = callsWith({ createMessage: { number: 4 }, ...page(3, 2) });
    await make("list");
    await make("create");
    await expect(make("list")).rejects.toThrow("was listed from 3 on, 2 messages; it had 4");
  });

  test("of later numbers, which others made, are right", async () => {
    await expect(callsWith(page(9, 8)).make("list")).resolves.toBeUndefined();
  });
});
