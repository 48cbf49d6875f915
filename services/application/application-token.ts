import { randomBytes } from "node:crypto";

/** Crockford's base 32, in lower case: no letter that is read as another. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;

/** A new application token: 26 characters of 130 random bits. */
export function createApplicationToken(): string {
  return Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte & 31]).join("");
}
