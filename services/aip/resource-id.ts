import { randomBytes } from "node:crypto";

/** Crockford's base 32, in lower case: no letter that is read as another. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;

/** A new id of a resource that the server names, as an application's token: 26 characters of 130 random bits. */
export function createResourceId(): string {
  return Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte & 31]).join("");
}
