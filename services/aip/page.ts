import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { formatPageToken } from "./page-token.ts";

/** How many resources a page has room for, and where the page after one begins. */
export type PageCut<Row> = { size: number; cursorOf: (last: Row) => string };

/** A page, and the token of the next one; empty where it is the last. */
export type CutPage<Row> = { page: Row[]; nextPageToken: string };

/** The page that begins what was read for a request: at least one more than has room, where there are more. */
export function cutPage<Desc extends DescMessage, Row>(
  schema: Desc,
  request: MessageShape<Desc>,
  rows: readonly Row[],
  { size, cursorOf }: PageCut<Row>,
): CutPage<Row> {
  const page = rows.slice(0, size);
  const last = rows.length > page.length ? page.at(-1) : undefined;
  return { page, nextPageToken: last === undefined ? "" : formatPageToken(schema, request, cursorOf(last)) };
}
