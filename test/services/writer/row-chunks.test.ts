import { expect, test } from "vitest";
import { chunkRows } from "../../../services/writer/row-chunks.ts";

const sizes = (rows: object[]) => chunkRows(rows).map(({ length }) => length);
const rows = (count: number, text: unknown) => Array.from({ length: count }, (_, number) => ({ number, text }));

test.each([
  ["no rows", [], []],
  ["a few rows", rows(3, "a"), [3]],
  ["more than a thousand rows", rows(2_500, "a"), [1_000, 1_000, 500]],
  ["long rows", rows(5, "a".repeat(900_000)), [2, 2, 1]],
  ["bytes, which count twice", rows(3, new Uint8Array(900_000)), [1, 1, 1]],
  ["a row that is too long", rows(2, "a".repeat(3_000_000)), [1, 1]],
])("%s", (_, given, expected) => {
  expect(sizes(given)).toEqual(expected);
  expect(chunkRows(given).flat()).toEqual(given);
});
