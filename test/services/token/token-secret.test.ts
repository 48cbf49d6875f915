import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deriveKey, loadTokenSecret } from "../../../services/token/token-secret.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const SECRET = "a-secret-of-the-operator-0123456789";

describe("the secret of tokens", () => {
  test("is the setting where there is one, and no file is made", async () => {
    const folder = await temporaryFolder();
    expect(await loadTokenSecret(SECRET, folder)).toBe(SECRET);
    expect(await readdir(folder)).toEqual([]);
  });

  test("is made at the first start, for its owner's eyes alone, and stays the same", async () => {
    const folder = await temporaryFolder();
    const secret = await loadTokenSecret(undefined, folder);
    expect(secret).toMatch(/^[\w-]{43}$/);
    const path = join(folder, "token-secret");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).toBe(`${secret}\n`);
    expect(await loadTokenSecret(undefined, folder)).toBe(secret);
  });

  test("in the file must be as good as the setting", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "token-secret"), "short");
    await expect(loadTokenSecret(undefined, folder)).rejects.toThrow(/token-secret must be at least 32 printable/);
  });

  test("gives each purpose a key of its own, and the same again", () => {
    const [signing, refresh] = [deriveKey(SECRET, "signing keys"), deriveKey(SECRET, "refresh tokens")];
    expect(signing).toHaveLength(32);
    expect(signing).not.toEqual(refresh);
    expect(deriveKey(SECRET, "signing keys")).toEqual(signing);
    expect(deriveKey(`${SECRET}x`, "signing keys")).not.toEqual(signing);
  });
});
