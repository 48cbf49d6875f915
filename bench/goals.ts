import type { CaseResult, Goal } from "./bench-case.ts";

type Read = (result: CaseResult) => number | undefined;

/** What a case's own figures are compared with. */
function compareFigure(
  figure: string,
  read: Read,
  limit: Read,
  isWithin: (value: number, limit: number) => boolean,
): Pick<Goal, "isMet" | "measure"> {
  const measure = (result: CaseResult) => ({ figure, value: read(result)!, limit: limit(result)! });
  return {
    measure,
    isMet(result) {
      const { value, limit } = measure(result);
      return isWithin(value, limit);
    },
  };
}

/** How near it comes to its yardstick. */
export function ratioAtLeast(least: number): Goal {
  return { text: `ratio ≥ ${least.toFixed(2)}`, ...atLeast("ratio", ({ ratio }) => ratio, least) };
}

/** How far it may be above its yardstick, where the ratio is one of times. */
export function ratioAtMost(most: number): Goal {
  return { text: `ratio ≤ ${most.toFixed(2)}`, ...atMost("ratio", ({ ratio }) => ratio, most) };
}

/** One of the further figures, under its name. */
export function figureAtMost(text: string, figure: string, most: number): Goal {
  return { text, ...atMost(figure, ({ figures }) => figures?.[figure], most) };
}

/** The same, of one that should be high. */
export function figureAtLeast(text: string, figure: string, least: number): Goal {
  return { text, ...atLeast(figure, ({ figures }) => figures?.[figure], least) };
}

/** How long the slowest hundredth takes, beside what it takes at the yardstick. */
export function p99AtMost(factor: number, yardstick: string): Goal {
  const limit: Read = ({ yardstickP99Ms }) => factor * yardstickP99Ms!;
  const figure = compareFigure(
    "p99Ms",
    ({ p99Ms }) => p99Ms,
    limit,
    (value, most) => value <= most,
  );
  return { text: `p99 ≤ ${factor} × ${yardstick}`, ...figure };
}

function atLeast(figure: string, read: Read, least: number) {
  return compareFigure(
    figure,
    read,
    () => least,
    (value, limit) => value >= limit,
  );
}

function atMost(figure: string, read: Read, most: number) {
  return compareFigure(
    figure,
    read,
    () => most,
    (value, limit) => value <= limit,
  );
}
