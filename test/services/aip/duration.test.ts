import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { durationOrNone, millisFromDuration } from "../../../services/aip/duration.ts";

test.each<[millis: number, seconds: bigint, nanos: number]>([
  [1, 0n, 1_000_000],
  [90_000, 90n, 0],
  [1_500, 1n, 500_000_000],
])("%d milliseconds are a duration, and back", (millis, seconds, nanos) => {
  expect(durationOrNone(millis)).toEqual(create(DurationSchema, { seconds, nanos }));
  expect(millisFromDuration(create(DurationSchema, { seconds, nanos }))).toBe(millis);
});

test("no duration is 0", () => {
  expect(durationOrNone(0)).toBeUndefined();
  expect(millisFromDuration(undefined)).toBe(0);
});
