import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CreateRequest, RecordSchema, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { MessageSchema } from "../../../gen/parley/v1/message_pb.ts";
import { encodeCreateMessages, encodeRecord } from "../../../services/write-queue/record-encoder.ts";
import { editWrite, messagesWrite, newMessage } from "../writes.ts";

const request: fc.Arbitrary<CreateRequest> = fc.record({
  $typeName: fc.constant("parley.queue.v1.CreateRequest" as const),
  principal: fc.string(),
  requestId: fc.string(),
  digest: fc.uint8Array({ maxLength: 40 }),
});
const creation = fc.record({
  request: fc.option(request, { nil: undefined }),
  chat: fc.record({ application: fc.string(), chat: fc.nat(2 ** 31 - 1) }),
  bodies: fc.array(fc.string({ maxLength: 300 }), { maxLength: 40 }),
});

test("a record is made of ready bytes as toBinary makes it", () => {
  fc.assert(
    fc.property(fc.array(creation), (creations) => {
      const writes = creations.flatMap(({ request, chat, bodies }, place) => {
        const messages = bodies.map((body, index) => newMessage(chat, index + 1, { body }));
        const bytes = messages.map((message) => toBinary(MessageSchema, message));
        const edit = editWrite("a", "new", { id: `${place}` });
        return [
          {
            write: messagesWrite(chat, messages, request),
            encoded: encodeCreateMessages({ request, chat, messages: bytes }),
          },
          { write: edit, encoded: toBinary(WriteSchema, edit) },
        ];
      });
      const record = create(RecordSchema, { writes: writes.map(({ write }) => write) });
      const encoded = encodeRecord(writes.map((each) => each.encoded));
      expect(Buffer.compare(encoded, toBinary(RecordSchema, record))).toBe(0);
    }),
  );
});
