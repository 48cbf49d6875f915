/** Numbers that look random and follow from a seed, so that a run can be repeated. */
export type SeededRandom = {
  /** A whole number from 0 up to `limit`, exclusive. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
};

/** Mulberry32 (Tommy Ettinger, public domain). */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: (list) => list[below(list.length)]! };
}
