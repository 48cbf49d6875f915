import { renderLegend } from "./bar-chart.ts";
import { formatMs } from "./figures.ts";
import { px, renderLine, renderSvg, renderText, WIDTH } from "./svg.ts";

/** From the middle to the slowest hundredth, in milliseconds. */
export type Latencies = { p50Ms: number; p99Ms: number };
export type LatencyRow = { label: string; ours: Latencies; yardstick?: Latencies };

const [LEFT, RIGHT, TOP, ROW] = [150, 160, 86, 34] as const;

/** Two dots with a line between, for each side; the scale is logarithmic, as fast and slow cases stand beside each other. */
export function renderLatencyChart(title: string, rows: readonly LatencyRow[]): string {
  const all = rows.flatMap(({ ours, yardstick = ours }) => [ours.p50Ms, ours.p99Ms, yardstick.p50Ms, yardstick.p99Ms]);
  const [first, last] = [Math.floor(Math.log10(Math.min(...all, 1))), Math.ceil(Math.log10(Math.max(...all, 1.1)))];
  const place = (ms: number) => LEFT + ((Math.log10(ms) - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + rows.length * ROW;
  const powers = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const grid = powers.flatMap((ms) => [
    renderLine("line", [place(ms), TOP - 10], [place(ms), bottom]),
    renderText(`${ms} ms`, { x: place(ms), y: TOP - 16, className: "faint", anchor: "middle" }),
  ]);
  const legend = renderLegend([
    { className: "ours", text: "Parley" },
    { className: "other", text: "yardstick" },
  ]);
  return renderSvg(title, bottom + 10, [
    ...legend,
    ...grid,
    ...rows.flatMap((row, index) => renderRow(row, TOP + index * ROW, place)),
  ]);
}

function renderRow({ label, ours, yardstick }: LatencyRow, top: number, place: (ms: number) => number): string[] {
  return [
    renderText(label, { x: LEFT - 8, y: top + 16, className: "text", anchor: "end" }),
    ...renderSpan("ours", ours, top + 8, place),
    ...(yardstick ? renderSpan("other", yardstick, top + 20, place) : []),
    renderText(`${formatMs(ours.p50Ms)} / ${formatMs(ours.p99Ms)}`, {
      ...{ x: WIDTH - RIGHT + 12, y: top + 16, className: "faint" },
    }),
  ];
}

function renderSpan(
  className: string,
  { p50Ms, p99Ms }: Latencies,
  y: number,
  place: (ms: number) => number,
): string[] {
  const dot = (ms: number) => `<circle class="${className}" cx="${px(place(ms))}" cy="${px(y)}" r="4"/>`;
  return [renderLine(className, [place(p50Ms), y], [place(p99Ms), y]), dot(p50Ms), dot(p99Ms)];
}
