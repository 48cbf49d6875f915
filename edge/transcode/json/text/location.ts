/** Where something stands in a JSON text. */
export type JsonLocation = {
  /** As in `items[3].name`; "" for the whole text. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
};

/**
 * Finds the place of an offset.
 *
 * @param text up to the offset it must be JSON
 */
export function locate(text: string, offset: number): JsonLocation {
  const before = text.slice(0, offset);
  const lines = before.split("\n");
  return { path: findPath(before), line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** A name, an index, or undefined between an object's members. */
type Step = string | number | undefined;

function findPath(before: string): string {
  const steps: Step[] = [];
  for (let at = 0; at < before.length; at++) {
    const character = before[at];
    if (character === '"') at = takeString(before, at, steps);
    else if (character === "{") steps.push(undefined);
    else if (character === "[") steps.push(0);
    else if (character === "}" || character === "]") steps.pop();
    else if (character === ",") steps.push(advance(steps.pop()));
  }
  return steps.map(writeStep).join("").replace(/^\./, "");
}

/** Of the strings in a member, the first is its name. Returns where the string ends. */
function takeString(before: string, start: number, steps: Step[]): number {
  let end = start + 1;
  while (end < before.length && before[end] !== '"') end += before[end] === "\\" ? 2 : 1;
  const inMember = steps.length > 0 && steps.at(-1) === undefined;
  if (inMember && end < before.length) steps[steps.length - 1] = JSON.parse(before.slice(start, end + 1)) as string;
  return end;
}

function advance(step: Step): Step {
  return typeof step === "number" ? step + 1 : undefined;
}

function writeStep(step: Step): string {
  if (step === undefined) return "";
  if (typeof step === "number") return `[${step}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
