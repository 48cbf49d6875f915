import { expect, test } from "vitest";
import { createRebuildReport } from "../../../services/indexer/rebuild-report.ts";

test("says at most once a second how far a rebuild is", () => {
  const lines: string[] = [];
  let now = 5_000;
  const report = createRebuildReport(
    (line) => lines.push(line),
    () => now,
  );
  for (const [time, messages, position] of [
    [5_999, 900, 90],
    [6_000, 1_000, 100],
    [6_500, 2_000, 200],
    [9_000, 12_000, 999],
  ] as const) {
    now = time;
    report({ messages, position, end: 1_000 });
  }
  expect(lines).toEqual(["10 %: 1,000 messages, 1,000 a second", "99 %: 12,000 messages, 3,000 a second"]);
});
