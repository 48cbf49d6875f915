import { expect, test } from "vitest";
import { checkHistory } from "./check-history.ts";
import { CORRECT_HISTORIES } from "./correct-histories.ts";
import { VIOLATING_HISTORIES } from "./violating-histories.ts";

/** A body that says poison may be refused by the database. */
const OPTIONS = { requestTtlMs: 3_600_000, isPoison: (state: string) => state.startsWith("poison") };

test.each(Object.entries(CORRECT_HISTORIES))("passes: %s", (_, history) => {
  expect(checkHistory(history, OPTIONS)).toEqual([]);
});

test.each(Object.entries(VIOLATING_HISTORIES))("finds: %s", (_, { kind, history }) => {
  const violations = checkHistory(history, OPTIONS);
  expect([...new Set(violations.map((violation) => violation.kind))], JSON.stringify(violations)).toEqual([kind]);
});
