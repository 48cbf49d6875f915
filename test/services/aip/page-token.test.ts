import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ListChatsRequestSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { ListMessagesRequestSchema } from "../../../gen/parley/v1/message_pb.ts";
import { coercePageSize } from "../../../services/aip/page-size.ts";
import { formatPageToken, NUMBER_CURSOR, parsePageToken } from "../../../services/aip/page-token.ts";
import { failureOf } from "../../failure.ts";

const cursor = fc.integer({ min: 1, max: 2_147_483_647 }).map(String);
const someRequest = fc.record({
  parent: fc.constantFrom("applications/a/chats/1", "applications/a/chats/2", "applications/b/chats/1"),
  author: fc.constantFrom("", "ann", "bob"),
  order: fc.constantFrom(0, 1, 2),
  position: fc.constantFrom(
    { case: undefined },
    { case: "beforeNumber", value: 7 } as const,
    { case: "afterNumber", value: 7 } as const,
  ),
});
const parse = (fields: object, pageToken: string, pageSize = 0) =>
  parsePageToken(
    ListMessagesRequestSchema,
    create(ListMessagesRequestSchema, { ...fields, pageToken, pageSize }),
    NUMBER_CURSOR,
  );
const format = (fields: object, from: string, pageSize = 0) =>
  formatPageToken(ListMessagesRequestSchema, create(ListMessagesRequestSchema, { ...fields, pageSize }), from);

describe("page tokens", () => {
  test("give their cursor back to the same request, whatever its page_size", () => {
    fc.assert(
      fc.property(someRequest, cursor, fc.nat(600), fc.nat(600), (request, from, size, otherSize) => {
        expect(parse(request, format(request, from, size), otherSize)).toBe(from);
      }),
    );
  });

  test("of another request are refused", async () => {
    await fc.assert(
      fc.asyncProperty(someRequest, someRequest, cursor, async (request, other, from) => {
        fc.pre(JSON.stringify(request) !== JSON.stringify(other));
        const failure = await failureOf((async () => parse(other, format(request, from)))());
        expect(failure).toMatchObject({ code: "InvalidArgument", reason: "PAGE_TOKEN_INVALID" });
      }),
    );
  });

  test("of another method are refused", () => {
    const parent = "applications/a";
    const token = formatPageToken(ListChatsRequestSchema, create(ListChatsRequestSchema, { parent }), "1");
    expect(() => parse({ parent }, token)).toThrow("page_token");
  });

  test("that were changed anywhere are refused", () => {
    fc.assert(
      fc.property(
        someRequest,
        cursor,
        fc.nat(),
        fc.constantFrom("A", "b", "-", "=", " "),
        (request, from, at, char) => {
          const token = format(request, from);
          const place = at % token.length;
          const changed = token.slice(0, place) + char + token.slice(place + 1);
          fc.pre(changed !== token);
          expect(() => parse(request, changed)).toThrow("page_token");
        },
      ),
    );
  });

  test("whose cursor has another form are refused", () => {
    expect(() => parse({}, format({}, "0"))).toThrow("page_token");
    expect(() => parse({}, format({}, "12345678901"))).toThrow("page_token");
  });

  test("that are not there give no cursor", () => {
    expect(parse({}, "")).toBeUndefined();
  });
});

test.each([
  [0, 50],
  [1, 1],
  [499, 499],
  [501, 500],
])("a page_size of %i is taken as %i", (requested, size) => {
  expect(coercePageSize(requested, { standard: 50, max: 500 })).toBe(size);
});

test("the standard page_size does not exceed the largest", () => {
  expect(coercePageSize(0, { standard: 50, max: 20 })).toBe(20);
});
