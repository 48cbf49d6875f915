import { setImmediate } from "node:timers/promises";
import { Turns } from "../process/turns.ts";
import type { SearchTerm } from "./search-query.ts";
import { createSnippet } from "./snippet.ts";
import { createTermFinder } from "./term-finder.ts";

/** UTF-16 units of bodies that are worked through before everything else gets its turn: a few milliseconds of work. */
const UNITS_BEFORE_PAUSE = 16_384;
const MAX_WAITING = 1_000;

/**
 * Makes the snippets of one search at a time, as applications take turns, and gives way to everything else in between,
 * since they are made on the thread that serves all calls.
 */
export class SnippetMaker {
  readonly #turns = new Turns({ atOnce: 1, maxWaiting: MAX_WAITING });

  /**
   * The snippets of bodies, in their order; rejects with the signal's reason where it aborts before they are done.
   *
   * @param application whose turn it takes
   */
  make(
    application: string,
    search: { bodies: readonly string[]; terms: readonly SearchTerm[] },
    signal: AbortSignal,
  ): Promise<string[]> {
    return this.#turns.take(application, () => makeAll(search, signal), signal);
  }
}

async function makeAll(
  { bodies, terms }: { bodies: readonly string[]; terms: readonly SearchTerm[] },
  signal: AbortSignal,
): Promise<string[]> {
  const finders = terms.map(createTermFinder);
  const snippets: string[] = [];
  let units = 0;
  for (const body of bodies) {
    units += body.length;
    if (units > UNITS_BEFORE_PAUSE) {
      await setImmediate();
      signal.throwIfAborted();
      units = body.length;
    }
    snippets.push(createSnippet(body, finders));
  }
  return snippets;
}
