import { expect, test } from "vitest";
import { searchBodyOf } from "../../../bench/yardsticks/elasticsearch-search.ts";

test("a search body has what follows from the word in one piece, and its wildcards escaped", () => {
  const { body, must } = searchBodyOf("a/1", "50*", 21);
  expect(body.split(must)).toHaveLength(2);
  const { query, size, sort } = JSON.parse(body);
  expect({ size, sort }).toEqual({ size: 21, sort: ["_score", { number: "desc" }] });
  expect(query.bool.filter).toEqual([{ term: { chat: "a/1" } }]);
  expect(query.bool.must[0].bool.should).toEqual([
    { match: { body: "50*" } },
    { prefix: { body: { value: "50*" } } },
    { wildcard: { body: { value: "*50\\**", case_insensitive: true } } },
  ]);
});
