/** A JSON object that was parsed. */
export type JsonObject = { readonly [name: string]: unknown };

/**
 * Parses the text of a JSON object; undefined where it is none, or a member of it is there twice, of which two parsers may
 * believe different ones (RFC 7519, 4).
 */
export function parseJsonObject(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return countMembers(text) === Object.keys(value).length ? (value as JsonObject) : undefined;
}

/** A string whole, or what opens, closes or divides. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gs;

/** The members that the object has in its text, which is valid JSON. */
function countMembers(text: string): number {
  let depth = 0;
  let members = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1) members++;
  }
  return members;
}
