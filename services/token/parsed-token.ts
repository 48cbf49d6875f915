import { type JsonObject, parseJsonObject } from "./json-object.ts";

/** Characters that a token may have. */
const MAX_LENGTH = 8_192;
/** The compact form of a JWS (RFC 7515, 7.1). */
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** What a token says of itself. Nothing of it is verified. */
export type ParsedToken = { text: string; header: JsonObject; claims: JsonObject };

/** Whether a credential is to be taken for a token: no api_key has a dot. */
export function looksLikeToken(credential: string): boolean {
  return credential.includes(".");
}

/**
 * Parses a token; undefined where it is no JWS in the compact form, too long, or asks for what is not understood by `crit`,
 * which nothing here is (RFC 7515, 4.1.11).
 */
export function parseToken(text: string): ParsedToken | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, headerPart, claimsPart, signaturePart] = COMPACT.exec(text) ?? [];
  if (headerPart === undefined || claimsPart === undefined || signaturePart === undefined) return undefined;
  if (decodePart(signaturePart) === undefined) return undefined;
  const header = parsePart(headerPart);
  const claims = parsePart(claimsPart);
  if (!header || !claims || "crit" in header || "b64" in header) return undefined;
  return { text, header, claims };
}

function parsePart(part: string): JsonObject | undefined {
  const bytes = decodePart(part);
  return bytes && parseJsonObject(bytes.toString());
}

/** Undefined where the part is not as its bytes are written: the last character may have bits that say nothing. */
function decodePart(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : undefined;
}
