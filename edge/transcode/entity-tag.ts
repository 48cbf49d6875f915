import { quote } from "./quoted.ts";
import { malformed } from "./refusal.ts";

/** An entity tag without its quotes (RFC 9110, 8.8.3). */
export type EntityTag = { readonly weak: boolean; readonly value: string };

const TAG = /^(W\/)?"([!#-~\x80-\xff]*)"$/;
const LIST = /(?:W\/)?"[^"]*"|[^,\s]+/g;

/**
 * The entity tags of `If-Match` or `If-None-Match`; `*` stands for any.
 *
 * @throws Refusal malformedRequest
 */
export function parseEntityTags(header: string, text: string): readonly EntityTag[] | "*" {
  if (text.trim() === "*") return "*";
  const tags = (text.match(LIST) ?? []).map((item) => {
    const found = TAG.exec(item);
    if (found === null) throw malformed(`header "${header}": expected tags in quotes, as in "abc", got ${quote(item)}`);
    return { weak: found[1] !== undefined, value: found[2] ?? "" };
  });
  if (tags.length === 0) throw malformed(`header "${header}": expected a tag in quotes, or *`);
  return tags;
}

/** The header `ETag` for a state; undefined for one that a tag cannot hold, or not in ASCII. */
export function formatEntityTag(value: string): string | undefined {
  return /^[!#-~]+$/.test(value) ? `"${value}"` : undefined;
}
