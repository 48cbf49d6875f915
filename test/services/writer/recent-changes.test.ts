import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { AppliedSchema, Refusal_Reason } from "../../../gen/parley/queue/v1/record_pb.ts";
import { commitMark } from "../../../services/write-queue/commit-mark.ts";
import { counterOf, goneWith, recentChangesOf } from "../../../services/writer/recent-changes.ts";

const application = "0123456789abcdefghjkmnpqrs";
const chat = { application, chat: 2 };
const CHAT = `applications/${application}/chats/2`;
const MESSAGE = `${CHAT}/messages/3`;

type Outcome = MessageInitShape<typeof AppliedSchema>["outcome"];

test.each<[verdict: string, outcome: Outcome, changes: object[]]>([
  [
    "an edit corrects its message",
    { case: "message", value: { name: MESSAGE } },
    [
      {
        kind: "changed",
        sequence: 7,
        name: { ...chat, message: 3 },
        message: expect.objectContaining({ name: MESSAGE }),
      },
    ],
  ],
  [
    "a change of members adds what tells of it",
    { case: "members", value: { chat: CHAT, message: { name: MESSAGE } } },
    [
      {
        kind: "added",
        sequence: 7,
        name: { ...chat, message: 3 },
        message: expect.objectContaining({ name: MESSAGE }),
      },
    ],
  ],
  ["one that nothing tells of adds nothing", { case: "members", value: { chat: CHAT } }, []],
  [
    "a change of a session adds what tells of it",
    { case: "support", value: { message: { name: MESSAGE } } },
    [
      {
        kind: "added",
        sequence: 7,
        name: { ...chat, message: 3 },
        message: expect.objectContaining({ name: MESSAGE }),
      },
    ],
  ],
  ["a deleted chat goes", { case: "deleted", value: CHAT }, [{ kind: "chatDeleted", sequence: 7, chat }]],
  [
    "a deleted application goes",
    { case: "deleted", value: `applications/${application}` },
    [{ kind: "applicationDeleted", sequence: 7, application }],
  ],
  ["a refusal changes nothing", { case: "refusal", value: { reason: Refusal_Reason.NOT_FOUND } }, []],
])("of what is held in memory %s", (_, outcome, changes) => {
  const verdict = create(AppliedSchema, { id: "id", changeMark: BigInt(commitMark(7, 1)), outcome });
  expect(recentChangesOf(verdict)).toEqual(changes);
});

test("a chat that is gone takes the messages along that were dropped with it", () => {
  expect(goneWith(chat, commitMark(7, 1))).toEqual({ kind: "chatDeleted", sequence: 7, chat });
});

test("what is deleted has a counter: a chat its messages', an application its chats'", () => {
  expect(counterOf(CHAT)).toEqual(chat);
  expect(counterOf(`applications/${application}`)).toEqual({ application });
});
