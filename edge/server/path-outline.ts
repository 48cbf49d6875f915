/** UTF-16 units of a path that are looked at. */
const MAX_PATH = 200;
const REST = /^\/v\d+\//;
/** A name of the contract, dotted where it is a service's, with a verb behind it or without. */
const WORD = /^([A-Za-z]+|v\d+)(\.([A-Za-z]+|v\d+))*(:[A-Za-z]+)?$/;
const MAX_WORD = 60;

/**
 * What a log may hold of a path that is none of Parley's: its words, as `/v1/applications/-/chat`. In the place of an
 * identifier, and of what is no word, stands `-`: the log has no names, and no secret that somebody took for a path.
 */
export function outlineOf(url: string): string {
  const path = url.slice(0, MAX_PATH).split("?", 1)[0]!;
  const isRest = REST.test(path);
  const [, ...segments] = path.split("/");
  const isWord = (segment: string) => segment.length <= MAX_WORD && WORD.test(segment);
  const isShown = (segment: string, place: number) => isWord(segment) && !(isRest && place > 0 && place % 2 === 0);
  return segments.map((segment, place) => `/${segment === "" || isShown(segment, place) ? segment : "-"}`).join("");
}
