/** Seconds of the units that h2load writes times with. */
const UNITS = { us: 1e-6, ms: 1e-3, s: 1 } as const;

/**
 * What h2load printed at its end: how long it took, in seconds. Of gRPC's own status it sees nothing.
 *
 * @throws where a request failed, or was not answered with a 2xx
 */
export function readSeconds(output: string, requests: number): number {
  const [, time, unit] = /finished in ([\d.]+)(us|ms|s),/.exec(output) ?? [];
  const succeeded = Number(/ (\d+) succeeded/.exec(output)?.[1]);
  const answeredWith2xx = Number(/status codes: (\d+) 2xx/.exec(output)?.[1]);
  if (time === undefined || succeeded !== requests || answeredWith2xx !== requests) {
    throw new Error(`${requests} requests were sent, and not all were answered with success:\n${output}`);
  }
  return Number(time) * UNITS[unit as keyof typeof UNITS];
}

/**
 * How long each request took, in milliseconds, sorted.
 *
 * @param log lines of the begin, the status and the duration, the times in microseconds, with tabs between
 */
export function readTimes(log: string): Float64Array {
  const times = log
    .trimEnd()
    .split("\n")
    .map((line) => Number(line.slice(line.lastIndexOf("\t") + 1)) / 1_000);
  return Float64Array.from(times).sort();
}
