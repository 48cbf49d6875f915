import { counterKey } from "./counter-key.ts";
import type { Numbered, NumberRequest } from "./numbering.ts";

/** Wishes of a group for numbers of one counter, one after the other, each for as many: asked for as one. */
export type WishRun = { request: NumberRequest; times: number };

/** A group's wishes in runs. */
export type WishRuns = {
  runs: readonly WishRun[];
  /** Of each wish, the index of its run. */
  runOf: readonly number[];
};

/**
 * Puts a group into runs, so that its messages in one chat cost as much as one of them. A wish with a request_id stands alone,
 * and so does a new chat, which gets a counter of its own; what comes after it in the same chat is another run, so that
 * numbers rise in the order of the group.
 */
export function joinWishes(group: readonly NumberRequest[]): WishRuns {
  const runs: WishRun[] = [];
  const last = new Map<string, number>();
  const runOf = group.map((request) => {
    const key = counterKey(request);
    const index = last.get(key);
    const run = index === undefined ? undefined : runs[index]!;
    if (run && isAlike(run.request, request)) {
      run.times++;
      return index!;
    }
    last.set(key, runs.length);
    return runs.push({ request, times: 1 }) - 1;
  });
  return { runs, runOf };
}

function isAlike(one: NumberRequest, other: NumberRequest): boolean {
  return one.chat !== undefined && !one.request && !other.request && one.count === other.count;
}

/**
 * What became of each wish.
 *
 * @param outcomes of the runs: of one that got numbers, the first of them
 * @param max the largest number: a run gets as many numbers as are left for whole wishes
 */
export function splitOutcomes({ runs, runOf }: WishRuns, outcomes: readonly Numbered[], max: number): Numbered[] {
  const taken = new Array<number>(runs.length).fill(0);
  return runOf.map((index) => {
    const { request, times } = runs[index]!;
    const outcome = outcomes[index]!;
    if (times === 1 || outcome.kind !== "assigned") return outcome;
    const first = outcome.first + request.count * taken[index]!++;
    if (first + request.count - 1 > max) return { kind: "exhausted" };
    return { kind: "assigned", first, createTimeMs: outcome.createTimeMs };
  });
}
