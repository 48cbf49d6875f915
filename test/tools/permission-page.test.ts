import { expect, test } from "vitest";
import { PARLEY_SERVICES } from "../../services/parley-services.ts";
import { formatPermissionPage } from "../../tools/permission-page.ts";

const page = formatPermissionPage();

test("every method has a row", () => {
  for (const { name } of PARLEY_SERVICES.flatMap(({ methods }) => methods)) expect(page).toContain(`| \`${name}\` |`);
});

test.each([
  ["| `CreateApplication` | all | – |", "what is the administrator's alone"],
  ["| `LogIn` | public |  |  |  |", "what is public"],
  ["| `UpdateApplication` | all | `display_name`, `registration_closed` |", "the fields that some may set"],
])("%s tells %s", (row) => {
  expect(page.split("\n")).toContain(row);
});

test("the tables have as many cells in each row as in their head", () => {
  for (const table of page.split("\n## ").slice(1)) {
    const widths = table
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").length);
    expect(new Set(widths).size).toBe(1);
  }
});
