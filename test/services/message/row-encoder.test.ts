import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageSchema, SystemEventSchema } from "../../../gen/parley/v1/message_pb.ts";
import { MAX_NUMBER } from "../../../services/aip/resource-name.ts";
import { messageFromRow } from "../../../services/message/message-codec.ts";
import type { MessageFields } from "../../../services/message/message-model.ts";
import { encodeRow } from "../../../services/message/row-encoder.ts";
import { formatReactions } from "../../../services/message/stored-reactions.ts";
import { formatSystemEvent } from "../../../services/message/stored-system-event.ts";

const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const number = fc.integer({ min: 1, max: MAX_NUMBER });
const millis = fc.integer({ min: 0, max: 253_402_300_799_999 });

const row: fc.Arbitrary<MessageFields> = fc.record({
  application: fc.constant("0123456789abcdefghjkmnpqrs"),
  chat: number,
  number,
  body: orNull(fc.oneof(text(400), fc.constantFrom("@ann and @bob.", "hello @ann, @ann"))),
  authorUser: orNull(text(40)),
  authorDisplayName: orNull(text(40)),
  authorType: fc.integer({ min: 0, max: 5 }),
  metadata: orNull(fc.dictionary(text(10), text(10), { minKeys: 1 }).map((map) => JSON.stringify(map))),
  requestId: orNull(fc.uuid()),
  revision: number,
  createTime: millis,
  updateTime: millis,
  editTime: orNull(millis),
  deleteTime: orNull(millis),
  internal: fc.constantFrom(0, 1),
  replyTo: orNull(number),
  reactions: orNull(
    fc.array(fc.tuple(text(8), fc.array(text(40), { minLength: 1, maxLength: 3 })), { minLength: 1 }),
  ).map((reactions) => reactions && formatReactions(reactions)),
  systemEvent: fc.oneof(
    { weight: 9, arbitrary: fc.constant(null) },
    fc
      .record({ actor: text(40), users: fc.array(text(40)), role: fc.constantFrom(0, 1, 2, 3) })
      .map((event) => formatSystemEvent({ content: { case: "systemEvent", value: create(SystemEventSchema, event) } })),
  ),
});

test("a row is encoded to the bytes of the message that it holds", () => {
  fc.assert(
    fc.property(row, (fields) => {
      expect(Buffer.from(encodeRow(fields))).toEqual(Buffer.from(toBinary(MessageSchema, messageFromRow(fields))));
    }),
    { numRuns: 500 },
  );
});
