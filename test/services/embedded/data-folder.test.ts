import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDataFolder } from "../../../services/embedded/data-folder.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

test("is made for its owner alone, with those above it, and taken where it is there", async () => {
  const path = join(await temporaryFolder(), "a", "b");
  await makeDataFolder(path);
  await makeDataFolder(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test.each(["file", "file/below"])("where the path is %s, the setting is named", async (path) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  await expect(makeDataFolder(join(folder, path))).rejects.toThrow(`DATA_DIR ${join(folder, path)} cannot be used`);
});
