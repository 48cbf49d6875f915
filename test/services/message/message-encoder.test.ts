import { create, toBinary, type UnknownField } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import {
  type Author,
  type Author_Type,
  type Message,
  MessageSchema,
  type Reaction,
  type SystemEvent,
  type SystemEvent_Type,
} from "../../../gen/parley/v1/message_pb.ts";
import { encodeMessage } from "../../../services/message/message-encoder.ts";

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
/** Texts whose lengths take one byte and two, in one to four bytes a character. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.tuple(fc.constantFrom("a", "é", "€", "😀"), fc.nat(200)).map(([unit, times]) => unit.repeat(times)),
);
const number = fc.oneof(fc.integer(INT32), fc.nat(300));
const seconds = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 34n }));
const unknown = fc.option(fc.constant<UnknownField[]>([{ no: 99, wireType: 0, data: Uint8Array.of(1) }]), {
  nil: undefined,
  freq: 9,
});

/** With one of every field: one that is added to the contract is missing here. */
const all = <T extends object>(fields: { [Field in keyof Required<T>]: fc.Arbitrary<T[Field]> }): fc.Arbitrary<T> =>
  fc.record(fields) as fc.Arbitrary<T>;
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const timestamp = all<Timestamp>({
  $typeName: fc.constant("google.protobuf.Timestamp" as const),
  $unknown: unknown,
  seconds,
  nanos: number,
});
const author = all<Author>({
  $typeName: fc.constant("parley.v1.Author" as const),
  $unknown: unknown,
  user: text,
  displayName: text,
  type: number as fc.Arbitrary<Author_Type>,
});
const reaction = all<Reaction>({
  $typeName: fc.constant("parley.v1.Reaction" as const),
  $unknown: unknown,
  emoji: text,
  users: fc.array(text, { maxLength: 3 }),
});
const systemEvent = all<SystemEvent>({
  $typeName: fc.constant("parley.v1.SystemEvent" as const),
  $unknown: unknown,
  type: number as fc.Arbitrary<SystemEvent_Type>,
  actor: text,
  users: fc.array(text, { maxLength: 3 }),
  role: number as fc.Arbitrary<Member_Role>,
  expireTime: optional(timestamp),
});
const message = all<Message>({
  $typeName: fc.constant("parley.v1.Message" as const),
  $unknown: unknown,
  name: text,
  number,
  content: fc.oneof(
    fc.constant({ case: undefined }),
    text.map((value) => ({ case: "body" as const, value })),
    systemEvent.map((value) => ({ case: "systemEvent" as const, value })),
  ),
  author: optional(author),
  metadata: fc.dictionary(text, text, { maxKeys: 3 }),
  requestId: text,
  createTime: optional(timestamp),
  updateTime: optional(timestamp),
  editTime: optional(timestamp),
  deleteTime: optional(timestamp),
  etag: text,
  internal: fc.boolean(),
  replyTo: number,
  reactions: fc.oneof(fc.constant<Reaction[]>([]), fc.array(reaction, { maxLength: 3 })),
  mentions: fc.array(text, { maxLength: 3 }),
});

test("a message is encoded to the bytes of toBinary, whatever is in it", () => {
  fc.assert(
    fc.property(message, (each) => {
      expect(Buffer.compare(encodeMessage(each), toBinary(MessageSchema, each))).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test("every field of the contract is one that the encoder knows", () => {
  expect(MessageSchema.fields.map(({ name, number }) => `${number} ${name}`)).toEqual([
    ...[
      "1 name",
      "2 number",
      "3 body",
      "16 system_event",
      "4 author",
      "5 metadata",
      "6 request_id",
      "7 create_time",
      "8 update_time",
    ],
    ...["9 edit_time", "10 delete_time", "11 etag", "12 internal", "13 reply_to", "14 reactions", "15 mentions"],
  ]);
});

test("a message with nothing in it takes no bytes", () => {
  expect(encodeMessage(create(MessageSchema))).toHaveLength(0);
});
