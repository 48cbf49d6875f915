import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeStatusMessage } from "../../../services/rpc/grpc-status-message.ts";

test.each([
  ["plain text stays", "plain text stays"],
  ["50 %\n", "50 %25%0A"],
  ["é", "%C3%A9"],
])("%j is sent as %j", (text, expected) => expect(encodeStatusMessage(text)).toBe(expected));

test("grpc-message says any text in printable ASCII", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const encoded = encodeStatusMessage(text);
      expect(encoded).toMatch(/^[ -~]*$/);
      expect(decodeURIComponent(encoded)).toBe(text);
    }),
  );
});
