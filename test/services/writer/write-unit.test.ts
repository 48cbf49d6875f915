import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RecordSchema, type Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import { commitMark, endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { unitsOf } from "../../../services/writer/write-unit.ts";
import { chatWrite, deleteChatWrite, messagesWrite, newMessage } from "../writes.ts";

const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const recordOf = (...writes: Write[]) => ({
  sequence: 3,
  data: toBinary(RecordSchema, create(RecordSchema, { writes })),
});
const batch = messagesWrite(CHAT, [newMessage(CHAT, 1), newMessage(CHAT, 2)]);
const record = recordOf(chatWrite(CHAT), batch, deleteChatWrite("applications/x/chats/1"));

test("a record's writes take the marks of what they create, and the last ends with the record", () => {
  expect(unitsOf(record, 0).map(({ mark, end }) => [mark, end])).toEqual([
    [commitMark(3, 0), commitMark(3, 0)],
    [commitMark(3, 1), commitMark(3, 2)],
    [commitMark(3, 3), endOfRecord(3)],
  ]);
});

test.each([
  [endOfRecord(2), 3],
  [commitMark(3, 0), 2],
  [commitMark(3, 2), 1],
  [endOfRecord(3), 0],
])("after the position %i, %i of three are left", (position, left) => {
  expect(unitsOf(record, position)).toHaveLength(left);
});
