import { expect } from "vitest";
import type { Block } from "./page-blocks.ts";

/** Stands for what differs from run to run. */
const ANY = "…";

function wildcard(text: string): RegExp {
  const parts = text.split(ANY).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*?")}$`);
}

/**
 * What a page's JSON asks for: "…" alone is any value, in a string any text, and as a key any further fields.
 */
function asked(value: unknown): unknown {
  if (value === ANY) return expect.anything();
  if (typeof value === "string") return value.includes(ANY) ? expect.stringMatching(wildcard(value)) : value;
  if (Array.isArray(value)) return value.map(asked);
  if (typeof value !== "object" || value === null) return value;
  const { [ANY]: others, ...named } = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, asked(each)]),
  );
  return others === undefined ? named : expect.objectContaining(named);
}

/** The JSON values that follow each other in a text, each ending with a line. */
function parseValues(text: string): unknown[] {
  const values: unknown[] = [];
  let open = "";
  for (const line of text.split("\n")) {
    open += `${line}\n`;
    try {
      values.push(JSON.parse(open));
      open = "";
    } catch {} // goes on in the next line
  }
  if (open.trim() !== "") throw new Error(`not JSON: ${open}`);
  return values;
}

/** Compares what commands printed with what the page says; where it says nothing, they print nothing. */
export function expectPrinted(printed: string, output: Block | undefined): void {
  if (output?.language === "json") expect(parseValues(printed)).toEqual(parseValues(output.code).map(asked));
  else expect(printed.replaceAll("\r\n", "\n").trimEnd()).toMatch(wildcard(output?.code.trimEnd() ?? ""));
}
