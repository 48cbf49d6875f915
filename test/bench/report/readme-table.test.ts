import { describe, expect, test } from "vitest";
import {
  findWrongReasons,
  putReadmeTable,
  readmeTableOf,
  renderReadmeTable,
} from "../../../bench/report/readme-table.ts";
import { renderTable } from "../../../bench/report/table.ts";
import { EXAMPLE } from "./example-report.ts";

const MARKS = "<!-- bench/results -->\n<!-- end of bench/results -->\n";
const README = `# Parley\n\n## Performance\n\nHow.\n\n${MARKS}\n## Settings\n\n- \`rest\`: not of this section, $1\n`;

/** README with lines at the end of the section. */
function telling(...names: string[]): string {
  return README.replace("\n## Settings", `\n${names.map((name) => `- \`${name}\`: why\n`).join("")}\n## Settings`);
}

describe("the table in README", () => {
  test("stands between its marks, with what it was taken on, and replaces the one before it", () => {
    expect(readmeTableOf(README)).toBe(renderReadmeTable(undefined));
    const once = putReadmeTable(README, EXAMPLE);
    expect(readmeTableOf(once)).toBe(renderReadmeTable(EXAMPLE));
    expect(once).toContain(
      `\n${renderTable(EXAMPLE)}\nTaken on 2026-11-30 on 2 processors (Some Processor @ 3.00GHz) and 16 GiB`,
    );
    const twice = putReadmeTable(once, { ...EXAMPLE, cases: EXAMPLE.cases.slice(0, 1) });
    expect(twice).not.toContain("`idle`");
    expect(putReadmeTable(twice, EXAMPLE)).toBe(once);
    expect(once.replace(renderReadmeTable(EXAMPLE), "")).toBe(README);
  });

  test("wants a line for each case that falls short or failed, and for no other", () => {
    expect(findWrongReasons(telling("create", "search"), EXAMPLE)).toEqual([]);
    expect(findWrongReasons(telling("create", "rest"), EXAMPLE)).toEqual([
      "search falls short, and no line says why",
      "rest does not fall short, and a line says why",
    ]);
  });

  test("needs its marks", () => {
    expect(() => putReadmeTable("# Parley\n", EXAMPLE)).toThrow("README.md has no lines <!-- bench/results -->");
  });
});
