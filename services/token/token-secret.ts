import { hkdfSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { loadSecretFile } from "../settings/secret-file.ts";

/** What the secret of tokens must be. */
export const TOKEN_SECRET_RULE = "at least 32 printable ASCII characters without spaces";

/** Whether a text can be the secret of tokens, as TOKEN_SECRET_RULE says. */
export function isTokenSecret(text: string): boolean {
  return /^[\x21-\x7e]{32,}$/.test(text);
}

/**
 * The secret of tokens: the setting, or the content of `token-secret` in the data folder, which is made with mode 0600 at
 * the first start. Rejects where the file holds something else.
 */
export async function loadTokenSecret(setting: string | undefined, dataDir: string): Promise<string> {
  if (setting) return setting;
  return loadSecretFile({
    path: join(dataDir, "token-secret"),
    name: "the secret of tokens",
    rule: TOKEN_SECRET_RULE,
    isRight: isTokenSecret,
    make: () => randomBytes(32).toString("base64url"),
  });
}

/** What a key that is derived from the secret of tokens is for: each purpose has a key of its own. */
export type KeyPurpose = "signing keys" | "refresh tokens";

/** A key of 256 bits out of the secret of tokens, by HKDF (RFC 5869) with SHA-256. */
export function deriveKey(secret: string, purpose: KeyPurpose): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `parley ${purpose}`, 32));
}
