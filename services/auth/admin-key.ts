import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createApiKey } from "./api-key.ts";

/** What an administrator's key must be. */
export const ADMIN_KEY_RULE = "at least 16 printable ASCII characters without spaces";

/** Whether a text can be an administrator's key, as ADMIN_KEY_RULE says. */
export function isAdminKey(text: string): boolean {
  return /^[\x21-\x7e]{16,}$/.test(text);
}

/**
 * The administrator's key: the setting, or the content of `admin-key` in the data folder, which is made with mode 0600
 * at the first start. Rejects where the file holds something else.
 */
export async function loadAdminKey(setting: string | undefined, dataDir: string): Promise<string> {
  if (setting) return setting;
  const path = join(dataDir, "admin-key");
  const known = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (known?.trim()) return checkKey(known.trim(), path);
  const key = createApiKey();
  await writeFile(path, `${key}\n`, { mode: 0o600, flag: known === undefined ? "wx" : "w" });
  await chmod(path, 0o600);
  return key;
}

function checkKey(key: string, path: string): string {
  if (isAdminKey(key)) return key;
  throw new Error(`the administrator's key in ${path} must be ${ADMIN_KEY_RULE}; delete the file to have one made`);
}
