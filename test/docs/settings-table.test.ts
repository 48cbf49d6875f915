import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readSettings, SETTINGS_SCHEMA } from "../../services/settings/settings.ts";

/** Rows `| \`NAME\` | \`default\` | … |`; a default of `–` stands for none. */
const ROW = /^\| `([A-Z][A-Z_]+)` +\| (?:`([^`]+)`|–) +\| .+ \|$/gm;

test("README's table of settings has each setting of the schema with its default", async () => {
  const rows = [...(await readFile("README.md", "utf8")).matchAll(ROW)].map(([, name, standard]) => [name, standard]);
  expect(rows.map(([name]) => name)).toEqual(Object.keys(SETTINGS_SCHEMA.shape));
  const given = Object.fromEntries(rows.filter(([, standard]) => standard !== undefined));
  expect(readSettings(given)).toEqual(readSettings({}));
  expect(Object.keys(given)).toEqual(Object.keys(readSettings({})));
});
