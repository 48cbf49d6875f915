import { describe, expect, test } from "vitest";
import { type Block, readCommands } from "./page-blocks.ts";

const block = (language: string, mark = "", code = ""): Block => ({ line: 1, language, mark, code });

describe("the commands of a page", () => {
  test("are blocks of sh with the tool they need, and what follows is what they print", () => {
    const page = [
      block("sh", "start"),
      block("ts", "client/a.ts"),
      block("sh", "curl", "a\n"),
      block("json"),
      block("sh", "go", "b\n"),
    ];
    expect(readCommands(page)).toMatchObject([
      { tool: "curl", code: "a\n", output: { language: "json" } },
      { tool: "go", code: "b\n", output: undefined },
    ]);
  });

  test.each([
    ["commands without a tool", [block("sh")]],
    ["code that is not saved", [block("ts")]],
    ["code with a mark that is no file", [block("ts", "example")]],
    ["an output of nothing", [block("json")]],
    ["a second output", [block("sh", "curl"), block("json"), block("text")]],
  ])("cannot be read from a page with %s", (_name, page) => {
    expect(() => readCommands(page)).toThrow("line 1");
  });
});
