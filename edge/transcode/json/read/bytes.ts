import type { JsonCursor } from "../text/cursor.ts";
import { unexpectedText } from "../text/problem.ts";
import type { ValueReader } from "./value.ts";

const WANTED = "base64 or base64url";
/** A raw "+" of base64 comes as a space. */
const WANTED_TEXT = 'base64 (with "+" as %2B, or base64url)';

/** Reads bytes, which JSON writes as base64 or base64url (RFC 4648), with padding or without. */
export const bytesReader: ValueReader = {
  read: (cursor: JsonCursor) => decode(cursor.readString(WANTED), WANTED),
  parse: (text: string) => decode(text, WANTED_TEXT),
  takesNull: false,
};

function decode(text: string, wanted: string): Uint8Array {
  const bare = dropPadding(text);
  if (bare === undefined || !isAlphabet(bare) || !isWholeBytes(bare)) throw unexpectedText(wanted, text);
  // Copied out of the pool that small buffers share.
  return new Uint8Array(Buffer.from(bare, "base64"));
}

/** Padding is complete or not there. */
function dropPadding(text: string): string | undefined {
  if (!text.endsWith("=")) return text;
  return text.length % 4 === 0 ? text.slice(0, text.endsWith("==") ? -2 : -1) : undefined;
}

/** Of one of both, not of a mixture. */
function isAlphabet(bare: string): boolean {
  return !/[^A-Za-z0-9+/]/.test(bare) || !/[^A-Za-z0-9_-]/.test(bare);
}

/** The bits of the last character that no byte takes are 0, as an encoder leaves them. */
function isWholeBytes(bare: string): boolean {
  const last = bare.at(-1) ?? "";
  if (bare.length % 4 === 2) return "AQgw".includes(last);
  if (bare.length % 4 === 3) return "AEIMQUYcgkosw048".includes(last);
  return bare.length % 4 === 0;
}
