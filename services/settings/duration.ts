import { z } from "zod";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The longest wait of `setTimeout`, in whole days; it takes a longer one for none. */
const TIMER_MAX = "24d";

function toMillis(text: string): number {
  const [, amount, unit] = /^(\d+)(.+)$/.exec(text)!;
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** A duration such as `250ms`, `30s`, `5m`, `24h` or `7d`, as milliseconds. What no timer waits for may exceed 24 days. */
export function duration(standard: string, { min = "0ms", max = TIMER_MAX }: { min?: string; max?: string } = {}) {
  return z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, "must be a number with a unit: ms, s, m, h or d, as in 30s")
    .default(standard)
    .transform(toMillis)
    .refine((millis) => millis >= toMillis(min) && millis <= toMillis(max), `must be from ${min} to ${max}`);
}
