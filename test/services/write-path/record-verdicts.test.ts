import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppliedSchema, RecordSchema, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { verdictsIn } from "../../../services/write-path/record-verdicts.ts";
import { chatWrite, editWrite, messageWrite, newMessage } from "../writes.ts";

const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const message = newMessage(CHAT, 7);
const verdict = (id: string): Write => {
  const value = create(AppliedSchema, { id, changeMark: 9n, outcome: { case: "message", value: message } });
  return create(WriteSchema, { kind: { case: "applied", value } });
};
const encode = (writes: Write[]) => toBinary(RecordSchema, create(RecordSchema, { writes }));

test("the verdicts of a record are found among all that it may hold", () => {
  const write = fc.oneof(
    fc.uuid().map(verdict),
    fc.string({ maxLength: 300 }).map((body) => messageWrite(CHAT, 1, { body })),
    fc.uuid().map((id) => editWrite("m", "new", { id })),
    fc.constantFrom(chatWrite(CHAT), create(WriteSchema)),
  );
  fc.assert(
    fc.property(fc.array(write), (writes) => {
      const applied = writes.flatMap(({ kind }) => (kind.case === "applied" ? [kind.value] : []));
      expect(verdictsIn(encode(writes))).toEqual(applied);
    }),
  );
});

test("what a later version puts into a record beside its writes is passed over", () => {
  const later = Uint8Array.of((15 << 3) | 2, 2, 1, 2, (14 << 3) | 0, 5);
  const record = Buffer.concat([later, encode([verdict("a")]), later, encode([verdict("b")])]);
  expect(verdictsIn(record).map(({ id }) => id)).toEqual(["a", "b"]);
});
