import { describe, expect, test } from "vitest";
import { parseSearchQuery } from "../../../services/search/search-query.ts";
import { SnippetMaker } from "../../../services/search/snippet-maker.ts";

const NEVER = new AbortController().signal;
const LARGE = "a ".repeat(10_000);
const search = (bodies: string[]) => ({ bodies, terms: parseSearchQuery('"a a" word') });

/** How often the event loop went round until a promise settled. */
async function roundsUntil(promise: Promise<unknown>): Promise<number> {
  let rounds = 0;
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  while (!isSettled) {
    await new Promise((resolve) => setImmediate(resolve));
    rounds++;
  }
  return rounds;
}

describe("snippets", () => {
  test("are made of each body, in order", async () => {
    const bodies = ["a word", "nothing", "a a"];
    const made = await new SnippetMaker().make("x", search(bodies), NEVER);
    expect(made).toEqual(["a <em>word</em>", "nothing", "<em>a a</em>"]);
  });

  test("of large bodies let everything else go on between any two", async () => {
    const snippets = new SnippetMaker();
    const searches = ["x", "y"].map((application) => snippets.make(application, search(Array(20).fill(LARGE)), NEVER));
    expect(await roundsUntil(Promise.all(searches))).toBeGreaterThanOrEqual(2 * 19);
    expect((await Promise.all(searches)).flat()).toHaveLength(40);
  });

  test("of small bodies do not", async () => {
    expect(await roundsUntil(new SnippetMaker().make("x", search(Array(50).fill("a word")), NEVER))).toBe(1);
  });

  test("are made no further once the caller is gone", async () => {
    const snippets = new SnippetMaker();
    const caller = new AbortController();
    const abandoned = Promise.all([
      expect(snippets.make("x", search(Array(1_000).fill(LARGE)), caller.signal)).rejects.toThrow("gone"),
      expect(snippets.make("x", search([LARGE]), caller.signal)).rejects.toThrow("gone"),
    ]);
    const other = snippets.make("y", search(["word"]), NEVER);
    caller.abort(new Error("gone"));
    expect(await roundsUntil(other)).toBeLessThan(5);
    await abandoned;
  });
});
