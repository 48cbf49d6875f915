/** How many a message has at most. */
const MAX_MENTIONS = 50;
const MAX_ID_LENGTH = 128;
/** What may be a user's id after an `@` that does not stand in a word, as it does in the address of a mailbox. */
const MENTION = /(?<![A-Za-z0-9._~-])@([A-Za-z0-9._~-]+)/g;

/**
 * Ids of the users that a body mentions as `@id`: at most 50, each once, in their order. Full stops and hyphens at the
 * end of one are the sentence's.
 */
export function mentionsIn(body: string | null | undefined): string[] {
  if (!body?.includes("@")) return [];
  const mentions = new Set<string>();
  for (const [, text] of body.matchAll(MENTION)) {
    const id = withoutSentenceEnd(text!);
    if (id.length > 0 && id.length <= MAX_ID_LENGTH) mentions.add(id);
    if (mentions.size === MAX_MENTIONS) break;
  }
  return [...mentions];
}

/** Not by a regular expression, which takes quadratic time of a text full of full stops. */
function withoutSentenceEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "." || text[end - 1] === "-")) end--;
  return text.slice(0, end);
}
