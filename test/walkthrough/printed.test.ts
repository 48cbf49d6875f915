import { describe, expect, test } from "vitest";
import { expectPrinted } from "./printed.ts";

const block = (language: string, code: string) => ({ line: 1, language, mark: "", code });

describe("what a page says that is printed", () => {
  test.each([
    ["json", '{"a": 1}\n{"b": "x"}\n', '{\n  "a": 1\n}\n\n{"b": "…"}\n'],
    ["json", '{"name": "chats/12", "etag": "1"}', '{"name": "chats/…", "…": "…"}'],
    ["text", "HTTP/1.1 200 OK\netag: 1\ndate: 2\n", "HTTP/1.1 200 OK\n…\n"],
    ["text", "a.b (c)\n", "a.b (c)\n"],
  ])("%s that is so", (language, printed, said) => {
    expectPrinted(printed, block(language, said));
  });

  test.each([
    ["json", '{"a": 1}', '{"a": 2}'],
    ["json", '{"a": 1, "b": 2}', '{"a": 1}'],
    ["json", '{"a": 1}', '{"a": 1, "b": "…"}'],
    ["json", '{"a": 1}\n{"a": 1}', '{"a": 1}'],
    ["json", '{"name": "users/1"}', '{"name": "chats/…"}'],
    ["json", "sh: curl: not found", '{"…": "…"}'],
    ["text", "axb\n", "a.b\n"],
    ["text", "HTTP/1.1 200 OK\netag: 1\n", "HTTP/1.1 200 OK\n"],
  ])("%s that is not so", (language, printed, said) => {
    expect(() => expectPrinted(printed, block(language, said))).toThrow();
  });

  test("nothing, where the page says nothing", () => {
    expectPrinted("", undefined);
    expect(() => expectPrinted("curl: (7) Failed to connect", undefined)).toThrow();
  });
});
