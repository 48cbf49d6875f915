import { expect, test } from "vitest";
import { formatTimeout, parseTimeout } from "../../../services/rpc/grpc-timeout.ts";

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

test("a timeout is never none where time is left", () => {
  expect([0.2, 1.5, 20].map(formatTimeout)).toEqual(["1m", "2m", "20m"]);
});
