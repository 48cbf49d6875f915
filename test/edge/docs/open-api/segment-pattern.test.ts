import { expect, test } from "vitest";
import { splitPattern } from "../../../../edge/docs/open-api/segment-pattern.ts";
import { parsePathTemplate } from "../../../../edge/transcode/routing/path-template.ts";

test.each<[string, string, string[] | undefined]>([
  ["^chats/[0-9]{1,9}$", "/chats/*", ["^chats$", "^[0-9]{1,9}$"]],
  ["^a/[^/]+$", "/a/*", undefined],
  ["^(a|b)/c$", "/*/c", undefined],
  ["^a/x|b/y$", "/a/*", undefined],
  ["^other/[0-9]$", "/chats/*", undefined],
  ["^chats/[0-9]/more$", "/chats/*", undefined],
  ["chats/[0-9]", "/chats/*", undefined],
])("%s over %s", (pattern, template, pieces) => {
  expect(splitPattern(pattern, parsePathTemplate(template).segments)).toEqual(pieces);
});

test("no pattern has no pieces", () => {
  expect(splitPattern(undefined, parsePathTemplate("/chats/*").segments)).toBeUndefined();
});
