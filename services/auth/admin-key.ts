import { join } from "node:path";
import { loadSecretFile } from "../settings/secret-file.ts";
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
  return loadSecretFile({
    path: join(dataDir, "admin-key"),
    name: "the administrator's key",
    rule: ADMIN_KEY_RULE,
    isRight: isAdminKey,
    make: createApiKey,
  });
}
