import { InvalidCursorError, type SearchRequest } from "./search-index.ts";

/** Which of a search's matches: `whole` means that every term is found as whole words, which is more relevant. */
export type MatchClass = "all" | "whole" | "partial";

/** Where a search goes on: after the match of this class and number. */
export type SearchCursor = { matchClass: MatchClass; number: number };

/** Above every number of a message. */
export const NUMBERS_END = 2 ** 31;

const CURSOR_CLASSES: Record<string, MatchClass> = { n: "all", w: "whole", p: "partial" };

/** The cursor as callers get it. */
export function formatCursor({ matchClass, number }: SearchCursor): string {
  return `${matchClass === "all" ? "n" : matchClass[0]}${number}`;
}

/** Where a search begins; InvalidCursorError where its `after` is not a cursor of a search in its order. */
export function parseCursor({ order, after }: Pick<SearchRequest, "order" | "after">): SearchCursor {
  if (after === undefined) return { matchClass: order === "newest" ? "all" : "whole", number: NUMBERS_END };
  const [, letter = "", digits = ""] = /^([nwp])(\d{1,10})$/.exec(after) ?? [];
  const matchClass = CURSOR_CLASSES[letter];
  if (matchClass === undefined || (matchClass === "all") !== (order === "newest")) {
    throw new InvalidCursorError(after);
  }
  return { matchClass, number: Math.min(Number(digits), NUMBERS_END) };
}
