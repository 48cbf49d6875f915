import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RecordSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { MARKS_PER_RECORD } from "../../../services/write-queue/commit-mark.ts";
import { text } from "../../message-text.ts";
import { ABSENT, DELETED } from "../history/resource.ts";
import { EventReader } from "./event-reader.ts";

type Writes = MessageInitShape<typeof RecordSchema>["writes"];

const CHAT = "applications/a/chats/1";
const name = `${CHAT}/messages/1`;
const message = { name, ...text("hello"), author: { user: "c1.0" } };
const creation: Writes = [
  { kind: { case: "createMessages", value: { application: "a", chat: 1, messages: [message] } } },
];
const verdict = (id: string, mark: number, outcome: object): Writes => [
  { kind: { case: "applied", value: { id, changeMark: BigInt(mark), outcome: outcome as never } } },
];

/** The events of records with these writes, the first of which has the sequence 1. */
function eventsOf(...records: Writes[]) {
  const reader = new EventReader();
  for (const [index, writes] of records.entries()) {
    reader.read({ sequence: index + 1, data: toBinary(RecordSchema, create(RecordSchema, { writes })) });
  }
  return reader.events;
}

test("a create is seen with its mark", () => {
  const event = { name, state: "hello", origin: "c1.0", kind: "created", mark: MARKS_PER_RECORD };
  expect(eventsOf(creation)).toEqual([event]);
});

test("the messages of a batch take a mark each, and those behind it go on from there", () => {
  const batch = [message, { ...message, name: `${CHAT}/messages/2`, author: { user: "c1.1" } }];
  const chat = { name: "applications/a/chats/2", title: "t", metadata: { origin: "c2.0" } };
  const writes: Writes = [
    { kind: { case: "createMessages", value: { application: "a", chat: 1, messages: batch } } },
    { kind: { case: "createChat", value: { chat } } },
  ];
  expect(eventsOf(writes).map(({ mark }) => mark - MARKS_PER_RECORD)).toEqual([0, 1, 2]);
});

test("the twin of a create is not seen; another create under its name is", () => {
  const other: Writes = [
    { kind: { case: "createMessages", value: { messages: [{ ...message, author: { user: "c9.0" } }] } } },
  ];
  expect(eventsOf(creation, creation, other).map(({ origin }) => origin)).toEqual(["c1.0", "c9.0"]);
});

test("a verdict is seen once, under the mark of its mutation", () => {
  const edited = verdict("m1", 5_000, { case: "message", value: { ...message, ...text("changed") } });
  const [, event, ...others] = eventsOf(creation, edited, edited);
  expect(event).toEqual({ name, state: "changed", origin: "c1.0", kind: "changed", mark: 5_000 });
  expect(others).toEqual([]);
});

test("tombstones and deleted chats are seen, refusals and deleted applications are not", () => {
  const events = eventsOf(
    verdict("m1", 1, { case: "message", value: { name, deleteTime: {}, author: { user: "c1.0" } } }),
    verdict("m2", 2, { case: "deleted", value: CHAT }),
    verdict("m3", 3, { case: "refusal", value: { reason: 1 } }),
    verdict("m4", 4, { case: "deleted", value: "applications/a" }),
  );
  expect(events.map(({ kind, state }) => [kind, state])).toEqual([
    ["changed", DELETED],
    ["removed", ABSENT],
  ]);
});
