import { create, fromBinary, toBinary, type UnknownField } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CreateMessagesSchema,
  CreateRequestSchema,
  RecordSchema,
  type Write,
  WriteSchema,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import { AuthorSchema, type Message, MessageSchema, SystemEventSchema } from "../../../gen/parley/v1/message_pb.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import { commitMark } from "../../../services/write-queue/commit-mark.ts";
import { newMessagesOf } from "../../../services/writer/new-messages.ts";
import { encodedWrite, unitsOf } from "../../../services/writer/write-unit.ts";

const APPLICATION = "0123456789abcdefghjkmnpqrs";
const MARK = commitMark(7, 0);

/** The library takes a byte order mark away from the beginning of a text; it is a character as any other. */
const text = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.tuple(fc.constantFrom("a", "é", "€", "😀", "'", "\\"), fc.nat(300)).map(([unit, times]) => unit.repeat(times)),
  )
  .filter((value) => !value.startsWith("\ufeff"));
const number = fc.oneof(fc.nat(300), fc.nat(2 ** 31 - 1));
const time = fc.option(fc.nat(2 ** 42).map(timestampFromMillis), { nil: undefined });
/** What a later version may have put into a record, of every encoding. */
const unknown = fc.option(
  fc.constant<UnknownField[]>([
    { no: 99, wireType: 0, data: Uint8Array.of(0x80, 1) },
    { no: 100, wireType: 1, data: new Uint8Array(8) },
    { no: 101, wireType: 2, data: Uint8Array.of(2, 8, 8) },
    { no: 102, wireType: 5, data: new Uint8Array(4) },
  ]),
  { nil: undefined },
);

const author = fc
  .record({ user: text, displayName: text, type: fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>, $unknown: unknown })
  .map(({ $unknown, ...fields }) => Object.assign(create(AuthorSchema, fields), { $unknown }));
const message: fc.Arbitrary<Message> = fc
  .record({
    number,
    content: fc.oneof(
      fc.constant({ case: undefined }),
      text.map((value) => ({ case: "body" as const, value })),
      text.map((actor) => ({
        case: "systemEvent" as const,
        value: create(SystemEventSchema, { actor, users: [actor] }),
      })),
    ),
    author: fc.option(author, { nil: undefined }),
    metadata: fc.dictionary(text, text, { maxKeys: 3 }),
    requestId: text,
    createTime: time.map((value) => value ?? timestampFromMillis(0)),
    updateTime: time,
    editTime: time,
    etag: text,
    internal: fc.boolean(),
    replyTo: number,
    mentions: fc.array(text, { maxLength: 2 }),
    $unknown: unknown,
  })
  .map(({ $unknown, ...fields }) => Object.assign(create(MessageSchema, fields), { $unknown }));
const request = fc
  .record({ principal: text, requestId: text, digest: fc.uint8Array({ maxLength: 32 }) })
  .map((fields) => create(CreateRequestSchema, fields));
const creation = fc
  .record({
    chat: number,
    request: fc.option(request, { nil: undefined }),
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    $unknown: unknown,
  })
  .map(({ $unknown, ...fields }) =>
    Object.assign(create(CreateMessagesSchema, { application: APPLICATION, ...fields }), { $unknown }),
  );

const writeOf = (value: Extract<Write["kind"], { case: "createMessages" }>["value"], $unknown?: UnknownField[]) =>
  Object.assign(create(WriteSchema, { kind: { case: "createMessages", value } }), { $unknown });

test("messages become the same rows as by way of the library", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(creation, unknown), { minLength: 1, maxLength: 4 }), (given) => {
      const writes = given.map(([value, fields]) => writeOf(value, fields));
      const data = toBinary(RecordSchema, create(RecordSchema, { writes }));
      let mark = MARK;
      const expected = fromBinary(RecordSchema, data).writes.map((write) => {
        const { messages, ...value } = write.kind.value as (typeof given)[number][0];
        const created = newMessagesOf({ ...value, messages }, mark);
        mark += messages.length;
        return { case: "createMessages", value: created };
      });
      const units = unitsOf({ sequence: 7, data }, 0);
      expect(units.map(({ kind }) => kind)).toEqual(expected);
      expect(units.map(encodedWrite)).toEqual(writes.map((write) => toBinary(WriteSchema, write)));
    }),
  );
});

test("a text begins with a byte order mark where it was written so", () => {
  const body = create(MessageSchema, {
    content: { case: "body", value: "\ufeffa" },
    createTime: timestampFromMillis(1),
  });
  const writes = [writeOf(create(CreateMessagesSchema, { application: APPLICATION, chat: 1, messages: [body] }))];
  const [unit] = unitsOf({ sequence: 7, data: toBinary(RecordSchema, create(RecordSchema, { writes })) }, 0);
  expect(unit!.kind).toMatchObject({ value: { rows: [{ body: "\ufeffa" }] } });
});

test("metadata may have the key that objects have for their prototype", () => {
  const metadata = JSON.parse('{"__proto__": "a", "key": "b"}');
  const given = create(MessageSchema, { metadata, createTime: timestampFromMillis(1) });
  const value = create(CreateMessagesSchema, { application: APPLICATION, chat: 1, messages: [given] });
  const data = toBinary(RecordSchema, create(RecordSchema, { writes: [writeOf(value)] }));
  const [unit] = unitsOf({ sequence: 7, data }, 0);
  expect(unit!.kind).toMatchObject({ value: { rows: [{ metadata: '{"__proto__":"a","key":"b"}' }] } });
  const read = fromBinary(RecordSchema, data).writes[0]!.kind.value as typeof value;
  expect(newMessagesOf(read, MARK).rows[0]!.metadata).toBe('{"__proto__":"a","key":"b"}');
});

test("a record that ends within a write is refused", () => {
  const writes = [writeOf(create(CreateMessagesSchema, { application: APPLICATION, chat: 1 }))];
  const data = toBinary(RecordSchema, create(RecordSchema, { writes }));
  expect(() => unitsOf({ sequence: 7, data: data.subarray(0, -1) }, 0)).toThrow(RangeError);
});
