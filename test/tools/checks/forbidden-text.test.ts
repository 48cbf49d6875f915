import { describe, expect, test } from "vitest";
import { findForbiddenText } from "../../../tools/checks/forbidden-text.ts";

/** Made of parts, so that this file may itself be in the tree. */
const join = (...parts: string[]) => parts.join("");

describe("forbidden text", () => {
  test.each([
    ["a path of a user", "a.ts", join("see ", "/ro", "ot/parley/data"), true],
    ["a path of a checkout", "a.ts", join('"/wo', 'rk/main"'), true],
    ["a path in a longer one", "a.ts", "services/work/home/root/file.ts", false],
    ["a path in an address", "a.ts", "https://example.com/home/page", false],
    ["a registry", "a.md", join("https://regis", "try.npmjs.org/zod"), true],
    ["a registry of one's own", ".npmrc", join("registry=https://npm-regis", "try.example.com/"), true],
    ["an ordinary address", "a.md", "https://github.com/connectrpc/connect-es", false],
    ["a package's address in the lock", "package-lock.json", '"resolved": "https://example.com/zod.tgz"', true],
    ["the same word elsewhere", "a.ts", '"resolved": true', false],
  ])("%s", (_name, path, text, forbidden) => {
    expect(findForbiddenText([{ path, text }])).toHaveLength(forbidden ? 1 : 0);
  });

  test("is told with its place", () => {
    const text = join("first\n  second ", "/ro", "ot/x");
    expect(findForbiddenText([{ path: "a/b.ts", text }])).toEqual([expect.stringMatching(/^a\/b\.ts:2: .+: second /)]);
  });
});
