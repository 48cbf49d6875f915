/** UTF-16 units that a message shows of what a caller sent. */
const SHOWN = 100;

/** A caller's text in quotes, escaped as in JSON: its first 100 UTF-16 units. */
export function quote(text: string): string {
  return JSON.stringify(cut(text));
}

/** The text's first UTF-16 units, without half of a surrogate pair, and "…" where there are more. */
export function cut(text: string, units = SHOWN): string {
  if (text.length <= units) return text;
  const splitsPair = (text.codePointAt(units - 1) ?? 0) > 0xffff;
  return `${text.slice(0, splitsPair ? units - 1 : units)}…`;
}
