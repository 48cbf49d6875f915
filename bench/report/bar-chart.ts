import { renderLine, renderRect, renderSvg, renderText, WIDTH } from "./svg.ts";

/** A row of a chart: a bar in parts, from the left, with a text behind it. */
export type Bar = {
  label: string;
  parts: readonly { value: number; className: string }[];
  text: string;
  /** Where a stroke across the bar stands. */
  mark?: number;
};

export type Legend = readonly { className: string; text: string }[];

const [LEFT, RIGHT, TOP, ROW, THICK] = [150, 150, 62, 24, 15] as const;
/** Of a legend's entry: its square and the blanks around, and a character of its text, about. */
const [LEGEND_BLANK, LEGEND_CHARACTER] = [36, 6.8] as const;

/** Bars below each other, on one scale that begins at 0. */
export function renderBarChart(title: string, bars: readonly Bar[], legend: Legend): string {
  const most = Math.max(...bars.flatMap(({ parts, mark = 0 }) => [sumOf(parts), mark]), Number.MIN_VALUE);
  const scale = (WIDTH - LEFT - RIGHT) / most;
  const rows = bars.flatMap((bar, index) => renderBar(bar, TOP + index * ROW, scale));
  return renderSvg(title, TOP + bars.length * ROW + 10, [...renderLegend(legend), ...rows]);
}

/** The meaning of colours, below the title. */
export function renderLegend(legend: Legend): string[] {
  let x = 12;
  return legend.flatMap(({ className, text }) => {
    const place = x;
    x += LEGEND_BLANK + text.length * LEGEND_CHARACTER;
    return [renderRect(className, place, 36, 10, 10), renderText(text, { x: place + 15, y: 45, className: "faint" })];
  });
}

function renderBar({ label, parts, text, mark }: Bar, top: number, scale: number): string[] {
  const middle = top + THICK / 2 + 4;
  const begins = parts.map((_part, index) => LEFT + sumOf(parts.slice(0, index)) * scale);
  const end = LEFT + Math.max(sumOf(parts), mark ?? 0) * scale;
  return [
    renderText(label, { x: LEFT - 8, y: middle, className: "text", anchor: "end" }),
    ...parts.map(({ value, className }, index) => renderRect(className, begins[index]!, top, value * scale, THICK)),
    ...(mark === undefined
      ? []
      : [renderLine("goal", [LEFT + mark * scale, top - 3], [LEFT + mark * scale, top + THICK + 3])]),
    renderText(text, { x: end + 8, y: middle, className: "faint" }),
  ];
}

function sumOf(parts: readonly { value: number }[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}
