/** An attribute's or text's characters that XML has for itself. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A length in pixels, to a tenth. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A chart's width in pixels. */
export const WIDTH = 860;

/** Colours that can be told apart on either ground, also by those who see few (Okabe and Ito, 2008). */
const STYLE = `
  svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
  .ground { fill: #ffffff; } .text { fill: #1f2328; } .faint { fill: #59636e; } .line { stroke: #d1d9e0; }
  .goal { stroke: #1f2328; stroke-width: 2; } .ours { fill: #0072b2; stroke: #0072b2; } .missed { fill: #d55e00; }
  .other { fill: #8c959f; stroke: #8c959f; }
  .c0 { fill: #0072b2; } .c1 { fill: #e69f00; } .c2 { fill: #009e73; } .c3 { fill: #cc79a7; } .c4 { fill: #56b4e9; }
  .c5 { fill: #d55e00; } .c6 { fill: #b5a900; } .c7 { fill: #8c959f; } .c8 { fill: #7a5195; } .c9 { fill: #a05a2c; }
  .stroke { fill: #1f2328; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } .text { fill: #f0f6fc; } .faint { fill: #9198a1; } .line { stroke: #3d444d; }
    .goal { stroke: #f0f6fc; } .stroke { fill: #f0f6fc; } .ours { fill: #3ba3e0; stroke: #3ba3e0; } .c0 { fill: #1f84c9; } .c4 { fill: #a3d8f7; }
  }`;

export function renderSvg(title: string, height: number, body: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${px(height)}" viewBox="0 0 ${WIDTH} ${px(height)}" role="img">
<title>${escapeXml(title)}</title>
<style>${STYLE}
</style>
<rect class="ground" width="100%" height="100%"/>
${renderText(title, { x: 12, y: 22, className: "text", weight: 600 })}
${body.join("\n")}
</svg>
`;
}

export type TextPlace = {
  x: number;
  y: number;
  className: string;
  anchor?: "start" | "middle" | "end";
  weight?: number;
};

export function renderText(text: string, { x, y, className, anchor = "start", weight }: TextPlace): string {
  const bold = weight === undefined ? "" : ` font-weight="${weight}"`;
  return `<text class="${className}" x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${bold}>${escapeXml(text)}</text>`;
}

export function renderRect(className: string, x: number, y: number, width: number, height: number): string {
  return `<rect class="${className}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}"/>`;
}

export function renderLine(className: string, from: readonly [number, number], to: readonly [number, number]): string {
  return `<line class="${className}" x1="${px(from[0])}" y1="${px(from[1])}" x2="${px(to[0])}" y2="${px(to[1])}"/>`;
}
