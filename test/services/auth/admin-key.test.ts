import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadAdminKey } from "../../../services/auth/admin-key.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

describe("the admin key", () => {
  test("is the setting where there is one, and no file is made", async () => {
    const folder = await temporaryFolder();
    expect(await loadAdminKey("set-by-the-environment", folder)).toBe("set-by-the-environment");
    expect(await readdir(folder)).toEqual([]);
  });

  test("is made at the first start, for its owner's eyes alone, and stays the same", async () => {
    const folder = await temporaryFolder();
    const key = await loadAdminKey(undefined, folder);
    expect(key).toMatch(/^parley_[\w-]{43}$/);
    const path = join(folder, "admin-key");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).toBe(`${key}\n`);
    expect(await loadAdminKey(undefined, folder)).toBe(key);
    expect(await loadAdminKey(undefined, await temporaryFolder())).not.toBe(key);
  });

  test("is made anew where the file is empty, for its owner's eyes alone", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "admin-key");
    await writeFile(path, "\n");
    await chmod(path, 0o644);
    const key = await loadAdminKey(undefined, folder);
    expect(key).not.toBe("");
    expect(await loadAdminKey(undefined, folder)).toBe(key);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each(["short", "a key with spaces in it", `${"x".repeat(16)}\n${"y".repeat(16)}`])(
    "in the file must be as good as the setting: not %j",
    async (content) => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, "admin-key"), content);
      const failure = await loadAdminKey(undefined, folder).catch((error) => error);
      expect(failure.message).toContain(join(folder, "admin-key"));
      expect(failure.message).toMatch(/16 printable.*delete the file/);
      expect(failure.message).not.toContain(content);
      expect(await readFile(join(folder, "admin-key"), "utf8")).toBe(content);
    },
  );

  test("is not made anew where the file cannot be read", async () => {
    await expect(loadAdminKey(undefined, join(await temporaryFolder(), "missing"))).rejects.toThrow("ENOENT");
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    await expect(loadAdminKey(undefined, file)).rejects.toThrow("ENOTDIR");
  });
});
