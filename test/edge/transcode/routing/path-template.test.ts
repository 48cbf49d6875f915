import { describe, expect, test } from "vitest";
import { parsePathTemplate, TemplateSyntaxError } from "../../../../edge/transcode/routing/path-template.ts";

describe("a template in the grammar", () => {
  const capture = (name: string, start: number, end: number | undefined, single: boolean) => ({
    fieldPath: name.split("."),
    start,
    end,
    single,
  });
  test.each([
    ["/v1", ["v1"], [], ""],
    ["/v1/chats", ["v1", "chats"], [], ""],
    ["/v1/*", ["v1", "*"], [], ""],
    ["/v1/**", ["v1", "**"], [], ""],
    ["/**", ["**"], [], ""],
    ["/v1/{id}", ["v1", "*"], [capture("id", 1, 2, true)], ""],
    ["/v1/{id=*}", ["v1", "*"], [capture("id", 1, 2, true)], ""],
    ["/v1/{id=me}", ["v1", "me"], [capture("id", 1, 2, true)], ""],
    ["/v1/{id=**}", ["v1", "**"], [capture("id", 1, undefined, false)], ""],
    ["/v1/{name=a/**}", ["v1", "a", "**"], [capture("name", 1, undefined, false)], ""],
    ["/v1/{a.b_2.c}/x", ["v1", "*", "x"], [capture("a.b_2.c", 1, 2, true)], ""],
    ["/v1/{name=a/*/b/*}/c", ["v1", "a", "*", "b", "*", "c"], [capture("name", 1, 5, false)], ""],
    ["/{a}/{b=x/*}", ["*", "x", "*"], [capture("a", 0, 1, true), capture("b", 1, 3, false)], ""],
    ["/v1/chats:search", ["v1", "chats"], [], "search"],
    ["/v1/{id}:undo", ["v1", "*"], [capture("id", 1, 2, true)], "undo"],
    ["/v1/{p=**}:read", ["v1", "**"], [capture("p", 1, undefined, false)], "read"],
    ["/**/a", ["**", "a"], [], ""],
    ["/{a=**}/x", ["**", "x"], [capture("a", 0, -1, false)], ""],
    ["/v1/{a=**/x}", ["v1", "**", "x"], [capture("a", 1, undefined, false)], ""],
    ["/v1/{a=x/**/y}/z", ["v1", "x", "**", "y", "z"], [capture("a", 1, -1, false)], ""],
    ["/{a}/**/{b}", ["*", "**", "*"], [capture("a", 0, 1, true), capture("b", -1, undefined, true)], ""],
    ["/**/{b=x/*}/{c}:v", ["**", "x", "*", "*"], [capture("b", -3, -1, false), capture("c", -1, undefined, true)], "v"],
    ["/v1/caf%C3%A9", ["v1", "caf%C3%A9"], [], ""],
    ["/v1/$batch,(a);b=c@d!e+f&g'", ["v1", "$batch,(a);b=c@d!e+f&g'"], [], ""],
  ])("%s", (text, segments, variables, verb) => {
    const parsed = parsePathTemplate(text);
    const shown = parsed.segments.map((part) =>
      part.kind === "literal" ? part.text : part.kind === "one" ? "*" : "**",
    );
    expect({ ...parsed, segments: shown }).toEqual({ segments, variables, verb });
  });
});

describe("a template outside the grammar names the column", () => {
  test.each([
    ["", 1, 'expected "/"'],
    ["v1", 1, 'expected "/"'],
    ["/", 2, "expected a segment"],
    ["//a", 2, "expected a segment"],
    ["/v1/", 5, "expected a segment"],
    ["/v1/a b", 6, 'expected "/", ":" or the end'],
    ["/v1/a*", 6, 'expected "/", ":" or the end'],
    ["/v1/***", 7, 'expected "/", ":" or the end'],
    ["/v1/%zz", 5, "expected a segment"],
    ["/v1/é", 5, "expected a segment"],
    ["/v1/{name", 10, 'expected "}"'],
    ["/v1/{}", 6, "expected a field name"],
    ["/v1/{1a}", 6, "expected a field name"],
    ["/v1/{a.}", 8, "expected a field name"],
    ["/v1/{a=}", 8, "expected a segment"],
    ["/v1/{a=/b}", 8, "expected a segment"],
    ["/v1/{a={b}}", 8, "a variable cannot hold another"],
    ["/v1/{a=b:c}", 9, 'expected "}"'],
    ["/v1/{a}b", 8, 'expected "/", ":" or the end'],
    ["/v1/a}", 6, 'expected "/", ":" or the end'],
    ["/**/a/**", 7, 'there is a "**" already'],
    ["/{a=**}/{b=**}", 12, 'there is a "**" already'],
    ["/**/**", 5, 'there is a "**" already'],
    ["/v1:", 5, "expected a segment"],
    ["/v1:a/b", 6, "expected the end"],
    ["/v1:a:b", 6, "expected the end"],
    ["/v1?a=b", 4, 'expected "/", ":" or the end'],
  ])("%s", (text, column, problem) => {
    expect(() => parsePathTemplate(text)).toThrow(new TemplateSyntaxError(text, column, problem));
  });
});
