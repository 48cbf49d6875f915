import type { Pace } from "../bench-case.ts";

/**
 * Operations that a side is warmed up with, twice, before it is measured: V8 compiles what is hot. With 4,000, a create of
 * the first round takes half as much again of the api's CPU as one of the last.
 */
const WARM_UP = 12_000;
/** A smoke test sends as little as this share of it. */
const SHARE_MIN = 0.05;

/**
 * Warms a side up. Resolves with how many operations it does in `pace.seconds`.
 *
 * @param sample does so many
 * @param most of an operation that takes long, fewer
 */
export async function warmUp(
  { scale, seconds }: Pace,
  sample: (count: number) => Promise<{ rate: number }>,
  most = WARM_UP,
): Promise<number> {
  const count = Math.ceil(most * Math.max(scale, SHARE_MIN));
  await sample(count);
  const { rate } = await sample(count);
  return Math.ceil(rate * seconds);
}
