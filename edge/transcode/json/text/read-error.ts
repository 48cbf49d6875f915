import { locate } from "./location.ts";
import type { JsonProblem } from "./problem.ts";

/** A JSON text that is not the message it should be. `message` says where, what was expected and what was got. */
export class JsonReadError extends Error {
  /** As in `items[3].name`; "" for the whole text. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Whether the text is no JSON at all. */
  readonly syntax: boolean;

  /** @param offset where in the text the problem is; up to there it is JSON */
  constructor(problem: JsonProblem, text: string, offset: number) {
    const { path, line, column } = locate(text, offset);
    const place = `line ${line}, column ${column}`;
    super(`at ${path === "" ? place : `${shortenStart(path)} (${place})`}: ${problem.message}`, { cause: problem });
    this.name = "JsonReadError";
    this.path = path;
    this.line = line;
    this.column = column;
    this.syntax = problem.syntax;
  }
}

/** The path's last 100 UTF-16 units, without half of a surrogate pair. */
function shortenStart(path: string): string {
  return path.length > 100 ? `…${path.slice(-100).replace(/^[\udc00-\udfff]/, "")}` : path;
}
