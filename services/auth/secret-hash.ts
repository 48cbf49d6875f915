import { createHash } from "node:crypto";

/** What is stored of a secret that the server made: SHA-256 in hex. It has 256 random bits, so a slow hash would add nothing. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
