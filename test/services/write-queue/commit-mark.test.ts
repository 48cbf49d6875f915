import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commitMark,
  endOfRecord,
  MARKS_PER_RECORD,
  sequenceBefore,
} from "../../../services/write-queue/commit-mark.ts";

const place = fc.record({
  sequence: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 2 ** 41 - 2 })),
  index: fc.integer({ min: 0, max: MARKS_PER_RECORD - 1 }),
});

describe("commit marks", () => {
  test("order writes by record and index, and stay exact", () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const [one, other] = [commitMark(a.sequence, a.index), commitMark(b.sequence, b.index)];
        expect(Number.isSafeInteger(one)).toBe(true);
        expect(Math.sign(one - other)).toBe(Math.sign(a.sequence - b.sequence || a.index - b.index));
      }),
    );
  });

  test("tell which records a position has passed wholly", () => {
    fc.assert(
      fc.property(place, ({ sequence, index }) => {
        const last = index === MARKS_PER_RECORD - 1;
        expect(sequenceBefore(commitMark(sequence, index))).toBe(last ? sequence : sequence - 1);
        expect(sequenceBefore(endOfRecord(sequence))).toBe(sequence);
        expect(endOfRecord(sequence)).toBeLessThan(commitMark(sequence + 1, 0));
      }),
    );
    expect(sequenceBefore(0)).toBe(0);
  });
});
