import { createHash, randomBytes } from "node:crypto";

const PREFIX = "parley_";

/** A new secret: 256 random bits behind a prefix that scanners for leaked secrets can know. */
export function createApiKey(): string {
  return PREFIX + randomBytes(32).toString("base64url");
}

/** What is stored of a key: SHA-256 in hex. It has 256 random bits, so a slow hash would add nothing. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
