import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createApiKey } from "./api-key.ts";

/**
 * The administrator's key: the setting, or the content of `admin-key` in the data folder, which is made with mode 0600
 * at the first start.
 */
export async function loadAdminKey(setting: string | undefined, dataDir: string): Promise<string> {
  if (setting) return setting;
  const path = join(dataDir, "admin-key");
  const known = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (known?.trim()) return known.trim();
  const key = createApiKey();
  await writeFile(path, `${key}\n`, { mode: 0o600, flag: known === undefined ? "wx" : "w" });
  await chmod(path, 0o600);
  return key;
}
