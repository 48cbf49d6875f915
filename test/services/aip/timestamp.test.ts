import { create } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatEtag } from "../../../services/aip/etag.ts";
import { millisFromTimestamp, timestampFromMillis } from "../../../services/aip/timestamp.ts";

describe("timestamps", () => {
  test("of whole milliseconds come back as they were, before 1970 too", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (millis) => {
        const timestamp = timestampFromMillis(millis);
        expect(timestamp.nanos).toBeGreaterThanOrEqual(0);
        expect(millisFromTimestamp(timestamp)).toBe(millis);
      }),
    );
  });

  test("between two milliseconds are rounded up", () => {
    expect(millisFromTimestamp(create(TimestampSchema, { seconds: 1n, nanos: 1 }))).toBe(1_001);
    expect(millisFromTimestamp(create(TimestampSchema, { seconds: 1n, nanos: 999_999_999 }))).toBe(2_000);
  });
});

test("an etag differs where the revision or the time of the update does", () => {
  const etags = [
    { revision: 1, updateTimeMs: 1_000 },
    { revision: 2, updateTimeMs: 1_000 },
    { revision: 1, updateTimeMs: 1_001 },
  ].map(formatEtag);
  expect(new Set(etags).size).toBe(3);
});
