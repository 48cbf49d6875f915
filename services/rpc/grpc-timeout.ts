const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** The milliseconds that a `grpc-timeout` says; undefined where it is not one. */
export function parseTimeout(value: string): number | undefined {
  const match = TIMEOUT.exec(value);
  return match === null ? undefined : Number(match[1]) * UNIT_MS[match[2]!]!;
}

/** The value of `grpc-timeout`: a whole number of milliseconds, of which zero is none. */
export function formatTimeout(ms: number): string {
  return `${Math.max(Math.ceil(ms), 1)}m`;
}
