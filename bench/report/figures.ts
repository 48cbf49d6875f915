import type { Measure, Sample } from "../bench-case.ts";

/** A number for people: 12,345; 12.3; 0.5. */
export function formatNumber(value: number): string {
  const digits = Math.abs(value) < 100 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Milliseconds, as in 12.3 ms. */
export function formatMs(ms: number): string {
  return `${ms.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} ms`;
}

export function formatRatio(ratio: number): string {
  return ratio.toFixed(2);
}

/** The lowest and the highest, as in 0.25–0.30. */
export function formatRange([low, high]: readonly [number, number], format = formatNumber): string {
  return `${format(low)}–${format(high)}`;
}

/** How far a figure is from its limit, as in +7 %, −61 % and, near it, −0.3 %. */
export function formatDistance({ value, limit }: Measure): string {
  const percent = (value / limit - 1) * 100;
  const size = Math.abs(percent);
  return `${percent < 0 ? "−" : "+"}${formatNumber(size < 2 ? Math.ceil(size * 10) / 10 : Math.round(size))} %`;
}

/** CPU microseconds of each process, in their order, and their sum where there are several. */
export function formatCpu(cpuMicrosPerOp: Record<string, number>): string {
  const entries = Object.entries(cpuMicrosPerOp).filter(([, micros]) => micros >= LEAST_MICROS);
  const parts = entries.map(([name, micros]) => `${name} ${formatMicros(micros)}`);
  const sum = entries.reduce((total, [, micros]) => total + micros, 0);
  return parts.length > 1 ? `${formatMicros(sum)} (${parts.join(", ")})` : (parts[0] ?? "");
}

/** What rounds to nothing is left out. */
const LEAST_MICROS = 0.05;

function formatMicros(micros: number): string {
  return formatNumber(micros < 10 ? Math.round(micros * 10) / 10 : Math.round(micros));
}

/** What one side of a round came to. */
export function describeSample({ rate, p50Ms, p99Ms, cpuMicrosPerOp }: Sample): string {
  return [
    formatNumber(rate),
    ...(p50Ms === undefined ? [] : [`p50 ${formatMs(p50Ms)}`]),
    ...(p99Ms === undefined ? [] : [`p99 ${formatMs(p99Ms)}`]),
    ...(cpuMicrosPerOp === undefined ? [] : [`CPU µs ${formatCpu(cpuMicrosPerOp)}`]),
  ].join(", ");
}
