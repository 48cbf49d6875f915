import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeGrpcMessage } from "../../../services/rpc/grpc-message.ts";
import { formatTimeout, parseTimeout } from "../../../services/rpc/grpc-timeout.ts";

describe("grpc-message", () => {
  test.each([
    ["plain text stays", "plain text stays"],
    ["50 %\n", "50 %25%0A"],
    ["é", "%C3%A9"],
  ])("%j is sent as %j", (text, expected) => expect(encodeGrpcMessage(text)).toBe(expected));

  test("says any text in printable ASCII", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const encoded = encodeGrpcMessage(text);
        expect(encoded).toMatch(/^[ -~]*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
  });
});

describe("grpc-timeout", () => {
  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3_000],
    ["99999999m", 99_999_999],
    ["500u", 0.5],
    ["0n", 0],
    ["", undefined],
    ["1", undefined],
    ["S", undefined],
    ["-1S", undefined],
    ["1.5S", undefined],
    ["100000000S", undefined],
    ["1s", undefined],
    [" 1S", undefined],
  ])("%j is %s ms", (value, expected) => expect(parseTimeout(value)).toBe(expected));

  test("is never none where time is left", () => {
    expect([0.2, 1.5, 20].map(formatTimeout)).toEqual(["1m", "2m", "20m"]);
  });
});
