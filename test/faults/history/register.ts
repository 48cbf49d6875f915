import type { State } from "./resource.ts";

/** Something that shows a state: between these times the register had it at some moment. */
export type Sight = { state: State; start: number; end: number; by: string };

/**
 * A write that made a state: from `start` on, until `end` where it was answered, else Infinity. Writes of the same state
 * stand for one: the first of them that had its effect.
 */
export type RegisterWrite = Sight;

/** Two states of which each was seen before the other, or a state that was seen before it was written. */
export type Contradiction = { text: string };

/** A state, with everything that wrote or showed it. */
type Zone = {
  state: State;
  /** The first end of what shows it: the register had the state before. */
  known: number;
  /** The last beginning of what shows it: the register had the state after. */
  lasted: number;
  knownBy: string;
  lastedBy: string;
};

/**
 * Whether writes and reads of one register can be put in an order that agrees with their times, every state being
 * written once. A state must come before another where something showed it, and was over, before something that shows
 * the other began. Where that makes a circle it makes one of two: the state with the lowest `known` of a circle also
 * comes before the state that must come before it. (P. Gibbons, E. Korach: Testing shared memories, 1997.)
 */
export function findContradictions(writes: readonly RegisterWrite[], reads: readonly Sight[]): Contradiction[] {
  const seen = new Set(reads.map(({ state }) => state));
  // A write without an answer whose state nobody saw need not have happened.
  const done = writes.filter(({ state, end }) => end !== Number.POSITIVE_INFINITY || seen.has(state));
  return [...findUnwritten(done, reads), ...findCircles(zonesOf(done, reads))];
}

function zonesOf(writes: readonly RegisterWrite[], reads: readonly Sight[]): Zone[] {
  const written = Map.groupBy(writes, ({ state }) => state);
  return [...Map.groupBy([...writes, ...reads], ({ state }) => state)].map(([state, sights]) => {
    const first = sights.reduce((a, b) => (b.end < a.end ? b : a));
    const begun = written.get(state)?.reduce((a, b) => (b.start < a.start ? b : a)) ?? first;
    const last = sights.filter(isAnswered).reduce((a, b) => (b.start > a.start ? b : a), begun);
    return { state, known: first.end, lasted: last.start, knownBy: first.by, lastedBy: last.by };
  });
}

function isAnswered({ end }: Sight): boolean {
  return end !== Number.POSITIVE_INFINITY;
}

function findUnwritten(writes: readonly RegisterWrite[], reads: readonly Sight[]): Contradiction[] {
  const begun = new Map<State, number>();
  for (const { state, start } of writes) begun.set(state, Math.min(start, begun.get(state) ?? start));
  return reads
    .filter(({ state, end }) => !(begun.get(state)! <= end))
    .map(({ state, by }) => ({ text: `${by} showed ${state}, which was not written` }));
}

function findCircles(zones: readonly Zone[]): Contradiction[] {
  return zones.flatMap((a, index) =>
    zones
      .slice(index + 1)
      .filter((b) => a.known < b.lasted && b.known < a.lasted)
      .map((b) => ({ text: `${describe(a)}, and ${describe(b)}` })),
  );
}

function describe({ state, known, knownBy, lasted, lastedBy }: Zone): string {
  return `${state} was there before ${known} (${knownBy}) and after ${lasted} (${lastedBy})`;
}
