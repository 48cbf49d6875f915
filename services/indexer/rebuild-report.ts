import type { RebuildProgress } from "./index-rebuild.ts";

const INTERVAL_MS = 1_000;

/**
 * What prints how far a rebuild is, at most once a second.
 *
 * @param now milliseconds of a clock that is never set
 */
export function createRebuildReport(
  print: (line: string) => void,
  now: () => number = () => performance.now(),
): (progress: RebuildProgress) => void {
  const start = now();
  let printed = start;
  return (progress) => {
    if (now() - printed < INTERVAL_MS) return;
    printed = now();
    print(describe(progress, (printed - start) / 1_000));
  };
}

/** Marks rise with time, and so the share of them that is done is a guess of how much work is. */
function describe({ messages, position, end }: RebuildProgress, seconds: number): string {
  const percent = end === 0 ? 100 : Math.floor((100 * position) / end);
  const rate = Math.round(messages / seconds);
  return `${percent} %: ${messages.toLocaleString("en")} messages, ${rate.toLocaleString("en")} a second`;
}
