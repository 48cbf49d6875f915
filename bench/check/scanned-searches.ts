import { isDeepStrictEqual } from "node:util";
import { SearchMessagesRequest_Order } from "../../gen/parley/v1/search_pb.ts";
import type { SearchedParley } from "../installation/searched-parley.ts";
import { SEARCHED_CHAT, type SearchedTexts } from "../seed/searched-texts.ts";

/** The numbers of the texts in the chat that is searched which have a word in them, the highest first. */
export function scanTexts(texts: SearchedTexts, words: readonly string[]): Map<string, number[]> {
  const found = new Map(words.map((word) => [word, [] as number[]]));
  for (let number = texts.sizes[SEARCHED_CHAT - 1]!; number > 0; number--) {
    const text = texts.bodyOf(SEARCHED_CHAT, number).toLowerCase();
    for (const word of words) if (text.includes(word)) found.get(word)!.push(number);
  }
  return found;
}

/** Rejects where the newest matches that Parley finds are not those that a scan of the texts does. */
export async function checkSearches(
  { chat: parent, tenant }: SearchedParley,
  scanned: ReadonlyMap<string, readonly number[]>,
  pageSize: number,
): Promise<void> {
  const order = SearchMessagesRequest_Order.NEWEST_FIRST;
  for (const [query, numbers] of scanned) {
    const { results } = await tenant.search.searchMessages({ parent, query, pageSize, order });
    const found = results.map(({ message }) => message!.number);
    const expected = numbers.slice(0, pageSize);
    if (expected.length === 0 || !isDeepStrictEqual(found, expected)) {
      throw new Error(`'${query}' is in ${expected}, and Parley finds ${found}`);
    }
    const unmarked = results.find(({ snippet }) => !snippet.toLowerCase().includes(`<em>${query}</em>`));
    if (unmarked) throw new Error(`'${query}' is not marked in ${unmarked.snippet}`);
  }
}
