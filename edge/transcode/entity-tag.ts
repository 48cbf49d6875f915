import { hash } from "node:crypto";
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
    const tag = readEntityTag(item);
    if (tag === undefined) {
      throw malformed(`header "${header}": expected tags in quotes, as in "abc", got ${quote(item)}`);
    }
    return tag;
  });
  if (tags.length === 0) throw malformed(`header "${header}": expected a tag in quotes, or *`);
  return tags;
}

/** One tag; undefined for what is none. */
export function readEntityTag(text: string): EntityTag | undefined {
  const found = TAG.exec(text);
  return found === null ? undefined : { weak: found[1] !== undefined, value: found[2] ?? "" };
}

/** Characters of base64url, 96 bits. */
const DIGEST_LENGTH = 16;
const DIGEST = new RegExp(`\\.[\\w-]{${DIGEST_LENGTH}}$`);

/**
 * The header `ETag` of an answer that shows a resource in a state: the state's etag and a digest of what the answer says,
 * which may change without the state, or differ from caller to caller. Undefined for an etag that a tag cannot hold, or
 * not in ASCII.
 */
export function formatEntityTag(etag: string, answer: string): string | undefined {
  if (!/^[!#-~]+$/.test(etag)) return undefined;
  return `"${etag}.${hash("sha1", answer, "base64url").slice(0, DIGEST_LENGTH)}"`;
}

/** The etag of the state that a tag names, which is the tag of an answer or the etag itself. */
export function stateOf({ value }: EntityTag): string {
  return value.replace(DIGEST, "");
}
