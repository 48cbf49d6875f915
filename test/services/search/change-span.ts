import type { ChangeSpan } from "../../../services/search/search-index.ts";

/** All changes up to a mark, for an index that is fed up to any. */
export function upTo(mark: number): ChangeSpan {
  return { after: 0, upTo: mark };
}
