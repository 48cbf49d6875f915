import { z } from "zod";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration such as `250ms`, `30s`, `5m`, `24h` or `7d`, as milliseconds. */
export function duration(standard: string) {
  return z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, "must be a number with a unit: ms, s, m, h or d, as in 30s")
    .default(standard)
    .transform((text) => {
      const [, amount, unit] = /^(\d+)(.+)$/.exec(text)!;
      return Number(amount) * UNITS[unit as keyof typeof UNITS];
    });
}
