import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ListChatsRequestSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { cutPage } from "../../../services/aip/page.ts";
import { NUMBER_CURSOR, parsePageToken } from "../../../services/aip/page-token.ts";

const REQUEST = create(ListChatsRequestSchema, { parent: `applications/${"a".repeat(26)}`, pageSize: 2 });

const cut = (rows: readonly number[]) => cutPage(ListChatsRequestSchema, REQUEST, rows, { size: 2, cursorOf: String });

test.each([[[]], [[9]], [[9, 7]]])("%j is a page, the last", (rows) => {
  expect(cut(rows)).toEqual({ page: rows, nextPageToken: "" });
});

test("what there is more of than has room goes on after the last of the page", () => {
  const { page, nextPageToken } = cut([9, 7, 4]);
  expect(page).toEqual([9, 7]);
  const next = { ...REQUEST, pageToken: nextPageToken };
  expect(parsePageToken(ListChatsRequestSchema, next, NUMBER_CURSOR)).toBe("7");
});
