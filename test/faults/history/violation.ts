/** The ways in which a history can break a promise. */
export const VIOLATION_KINDS = ["lost", "duplicated", "reordered", "staleReads", "holes"] as const;
export type ViolationKind = (typeof VIOLATION_KINDS)[number];

/** A promise that a history breaks, and a counter-example in words. */
export type Violation = { kind: ViolationKind; text: string };

/** How many violations of each kind there are. */
export type ViolationCounts = Record<ViolationKind, number>;

export function countViolations(violations: readonly Violation[]): ViolationCounts {
  const counts: ViolationCounts = { lost: 0, duplicated: 0, reordered: 0, staleReads: 0, holes: 0 };
  for (const { kind } of violations) counts[kind] += 1;
  return counts;
}
