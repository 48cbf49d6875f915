import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sizeOfMetadata } from "../../../../services/rpc/grpc-metadata.ts";
import {
  formatAnswerHead,
  formatCallHead,
  formatFields,
  parseAnswerHead,
  parseCallHead,
} from "../../../../services/rpc/relay/relay-head.ts";

const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
const value = fc.stringMatching(/^[ -~]*$/);
const fields = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 2 })));

/** Objects without a prototype compare by what they have. */
const plain = (object: object) => ({ ...object });

describe("the head of a call", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(fields, fc.integer({ min: 1 }), (metadata, timeoutMs) => {
        const head = parseCallHead(formatCallHead("/a.B/C", timeoutMs, formatFields(metadata)));
        expect(head).toMatchObject({ path: "/a.B/C", timeoutMs });
        expect(plain(head.metadata)).toEqual(metadata);
      }),
    );
  });

  test("has whole milliseconds, one at least", () => {
    expect(parseCallHead(formatCallHead("/a", 0.2, "")).timeoutMs).toBe(1);
    expect(parseCallHead(formatCallHead("/a", -5, "")).timeoutMs).toBe(1);
    expect(parseCallHead(formatCallHead("/a", 7.1, "")).timeoutMs).toBe(8);
  });

  test("counts its metadata as HTTP/2 does", () => {
    const { metadataBytes } = parseCallHead(formatCallHead("/a", 1, formatFields({ "x-a": "12", "x-b": ["3", "4"] })));
    expect(metadataBytes).toBe(sizeOfMetadata(["x-a", "12", "x-b", "3", "x-b", "4"]));
    expect(parseCallHead(formatCallHead("/a", 1, "")).metadataBytes).toBe(0);
  });

  test("keeps a name that objects have from being more than a name", () => {
    const { metadata } = parseCallHead("/a\n1\n__proto__\nx\nconstructor\ny\n");
    expect(Object.entries(metadata)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  test.each([
    ["", "no time"],
    ["/a\n0\n", "no time"],
    ["/a\nsoon\n", "no time"],
    ["/a\n1\n:authority\nx\n", "name"],
    ["/a\n1\nUpper\nx\n", "name"],
    ["/a\n1\nwith space\nx\n", "name"],
    ["/a\n1\nx\nü\n", "not text"],
    ["/a\n1\nx\n\0\n", "not text"],
  ])("%j is refused: %s", (head, reason) => {
    expect(() => parseCallHead(head)).toThrow(reason);
  });
});

test("the head of an answer is read as it was written", () => {
  fc.assert(
    fc.property(fields, fields, (headers, trailers) => {
      const head = parseAnswerHead(formatAnswerHead(formatFields(headers), formatFields(trailers)));
      expect({ headers: plain(head.headers), trailers: plain(head.trailers) }).toEqual({ headers, trailers });
    }),
  );
});
