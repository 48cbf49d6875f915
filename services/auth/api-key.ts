import { randomBytes } from "node:crypto";

const PREFIX = "parley_";

/** A new secret: 256 random bits behind a prefix that scanners for leaked secrets can know. */
export function createApiKey(): string {
  return PREFIX + randomBytes(32).toString("base64url");
}
