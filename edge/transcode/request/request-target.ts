import { quote } from "../quoted.ts";
import { malformed } from "../refusal.ts";

/** The raw path and the raw query (without `?`) of a request line's target, which may be a whole URL. */
export function splitTarget(target: string): { path: string; query: string } {
  const local = target.startsWith("/") ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  const whole = before(local, "#");
  const path = before(whole, "?");
  return { path, query: whole.slice(path.length + 1) };
}

/** The segments of a capture, decoded. Of several, `%2F` stays as it is, so that their number does not change. */
export function decodeSegments(segments: readonly string[], single: boolean): string {
  if (single) return decodePercent(segments[0] ?? "");
  return segments.map(decodeButSlashes).join("/");
}

/** One name or value of a query: `+` is a space. */
export function decodeQueryPart(text: string): string {
  return decodePercent(text.replaceAll("+", " "));
}

function decodeButSlashes(segment: string): string {
  return segment
    .split(/(%2f)/i)
    .map((part, index) => (index % 2 === 1 ? part : decodePercent(part)))
    .join("");
}

function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed(`${quote(text)} is not percent-encoded UTF-8`);
  }
}

function before(text: string, delimiter: string): string {
  const at = text.indexOf(delimiter);
  return at === -1 ? text : text.slice(0, at);
}
