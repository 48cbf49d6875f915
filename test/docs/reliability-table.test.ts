import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FAULT_CASES } from "../faults/cases/index.ts";

/** Rows `| \`name\` | what happens | … |` below the heading of the table. */
const ROW = /^\| `([a-z-]+)` \| (.+?) \|/gm;

test("README's table of faults has every case, with what happens in it", async () => {
  const [, section = ""] = (await readFile("README.md", "utf8")).split("\n## Reliability\n");
  const rows = [...section.split("\n## ")[0]!.matchAll(ROW)].map(([, name, about]) => [name, about]);
  expect(rows).toEqual(FAULT_CASES.map(({ name, about }) => [name, about]));
});
