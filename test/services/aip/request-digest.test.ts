import { createHash } from "node:crypto";
import { create, fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CreateMessageRequestSchema } from "../../../gen/parley/v1/message_pb.ts";
import { digestRequest } from "../../../services/aip/request-digest.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const someRequest = fc.record({
  parent: text,
  requestId: fc.uuid(),
  message: fc.record({
    content: fc.oneof(
      fc.constant({ case: undefined }),
      text.map((value) => ({ case: "body", value }) as const),
    ),
    author: fc.option(fc.record({ user: text, displayName: text }), { nil: undefined }),
    metadata: fc.dictionary(text, text, { maxKeys: 4 }),
  }),
});
const digest = (fields: object) =>
  Buffer.from(digestRequest(CreateMessageRequestSchema, create(CreateMessageRequestSchema, fields))).toString("hex");

describe("the digest of a request", () => {
  test("is the same however the request came and its metadata was ordered, whatever its request_id", () => {
    fc.assert(
      fc.property(someRequest, fc.uuid(), (fields, requestId) => {
        const request = create(CreateMessageRequestSchema, fields);
        const reversed = Object.fromEntries(Object.entries(fields.message.metadata).reverse());
        const again = { ...fields, requestId, message: { ...fields.message, metadata: reversed } };
        const expected = digest(fields);
        expect(digest(again)).toBe(expected);
        expect(digest(fromBinary(CreateMessageRequestSchema, toBinary(CreateMessageRequestSchema, request)))).toBe(
          expected,
        );
        expect(
          digest(fromJsonString(CreateMessageRequestSchema, toJsonString(CreateMessageRequestSchema, request))),
        ).toBe(expected);
      }),
    );
  });

  test.each([
    [{ parent: "a" }, { parent: "b" }],
    [{ parent: "a" }, { message: { author: { user: "a" } } }],
    [{ message: { metadata: { a: "bc" } } }, { message: { metadata: { ab: "c" } } }],
    [{ message: { metadata: { a: "b", c: "d" } } }, { message: { metadata: { a: "d", c: "b" } } }],
    [{ message: { content: { case: "body", value: "" } } }, { message: {} }],
    [{ message: { author: {} } }, { message: {} }],
  ])("is not the same of %j and %j", (one, other) => {
    expect(digest(one)).not.toBe(digest(other));
  });

  test("is not changed by what a later version adds to the contract", () => {
    const { fields, ...rest } = CreateMessageRequestSchema;
    const request = create(CreateMessageRequestSchema, {
      parent: "a",
      message: { content: { case: "body", value: "b" } },
    });
    const added = {
      ...fields.find(({ name }) => name === "parent")!,
      ...{ name: "priority", localName: "priority", number: 99 },
    };
    const later = { ...rest, fields: [...fields, added], members: [...CreateMessageRequestSchema.members, added] };
    const laterRequest = { ...request, priority: "" };
    const digestLater = (message: object) =>
      Buffer.from(digestRequest(later as never, message as never)).toString("hex");
    expect(digestLater(laterRequest)).toBe(
      Buffer.from(digestRequest(CreateMessageRequestSchema, request)).toString("hex"),
    );
    expect(digestLater({ ...request, priority: "high" })).not.toBe(digestLater(laterRequest));
  });

  test("is what it was: those of requests that may be repeated are stored", () => {
    const fields = { parent: "a", message: { content: { case: "body", value: "b" }, metadata: { é: "\ud800" } } };
    const plain = 'parley.v1.CreateMessageRequest[[1,"a"],[2,[[3,"b"],[5,[["é","\\ud800"]]]]]]';
    expect(digest(fields)).toBe(createHash("sha256").update(plain).digest("hex"));
  });

  test("tells a map's empty value from none", () => {
    expect(digest({ message: { metadata: { a: "" } } })).not.toBe(digest({ message: {} }));
  });

  test("can be had of a timestamp that JSON cannot express", () => {
    const createTime = { seconds: 10n ** 15n, nanos: 0 };
    expect(digest({ message: { createTime } })).not.toBe(digest({ message: {} }));
  });
});
