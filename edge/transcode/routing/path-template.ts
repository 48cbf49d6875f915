/** One part of a path between slashes: a literal, any one part (`*`), or all that is left (`**`, only as the last). */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/** A capture: the segments from `start` up to `end` (exclusive), or all that are left where `end` is undefined. */
export type Variable = {
  readonly fieldPath: readonly string[];
  readonly start: number;
  readonly end: number | undefined;
  /** Exactly one segment, which is then decoded fully; of several, an encoded slash stays encoded. */
  readonly single: boolean;
};

/** A parsed template. `verb` is "" where there is none. */
export type PathTemplate = {
  readonly segments: readonly Segment[];
  readonly variables: readonly Variable[];
  readonly verb: string;
};

/** A template that the grammar refuses. `column` counts from 1. */
export class TemplateSyntaxError extends Error {
  readonly column: number;

  constructor(template: string, column: number, problem: string) {
    super(`path template "${template}", column ${column}: ${problem}`);
    this.name = "TemplateSyntaxError";
    this.column = column;
  }
}

/**
 * Parses the path of a `google.api.http` annotation:
 *
 *     Template  = "/" Segments [ Verb ] ;
 *     Segments  = Segment { "/" Segment } ;
 *     Segment   = "*" | "**" | LITERAL | Variable ;
 *     Variable  = "{" FieldPath [ "=" Segments ] "}" ;
 *     FieldPath = IDENT { "." IDENT } ;
 *     Verb      = ":" LITERAL ;
 *
 * `**` stands last or before the verb, and a variable holds no other. LITERAL is what RFC 3986 allows in a path
 * segment (pchar) without `:` and `*`; it is compared with the raw path as it stands here, percent-encoding included.
 *
 * @throws TemplateSyntaxError
 */
export function parsePathTemplate(text: string): PathTemplate {
  const cursor: Cursor = { text, at: 0, segments: [], variables: [] };
  expect(cursor, "/");
  parseSegments(cursor, true);
  const verb = take(cursor, ":") ? parseLiteral(cursor) : "";
  if (cursor.at < text.length) throw fail(cursor, verb === "" ? 'expected "/", ":" or the end' : "expected the end");
  return { segments: cursor.segments, variables: cursor.variables, verb };
}

type Cursor = { readonly text: string; at: number; readonly segments: Segment[]; readonly variables: Variable[] };

const literal = /(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;

function parseSegments(cursor: Cursor, variablesAllowed: boolean): void {
  do {
    if (cursor.segments.at(-1)?.kind === "rest") throw fail(cursor, 'nothing but a verb can follow "**"');
    if (cursor.text[cursor.at] !== "{") cursor.segments.push(parseSegment(cursor));
    else if (variablesAllowed) parseVariable(cursor);
    else throw fail(cursor, "a variable cannot hold another");
  } while (take(cursor, "/"));
}

function parseSegment(cursor: Cursor): Segment {
  if (take(cursor, "**")) return { kind: "rest" };
  if (take(cursor, "*")) return { kind: "one" };
  return { kind: "literal", text: parseLiteral(cursor) };
}

function parseVariable(cursor: Cursor): void {
  expect(cursor, "{");
  const fieldPath = [match(cursor, identifier, "a field name")];
  while (take(cursor, ".")) fieldPath.push(match(cursor, identifier, "a field name"));
  const start = cursor.segments.length;
  if (take(cursor, "=")) parseSegments(cursor, false);
  else cursor.segments.push({ kind: "one" });
  expect(cursor, "}");
  const endless = cursor.segments.at(-1)?.kind === "rest";
  const end = cursor.segments.length;
  cursor.variables.push({ fieldPath, start, end: endless ? undefined : end, single: !endless && end === start + 1 });
}

function parseLiteral(cursor: Cursor): string {
  return match(cursor, literal, "a segment");
}

function match(cursor: Cursor, pattern: RegExp, wanted: string): string {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found === undefined) throw fail(cursor, `expected ${wanted}`);
  cursor.at += found.length;
  return found;
}

function take(cursor: Cursor, token: string): boolean {
  if (!cursor.text.startsWith(token, cursor.at)) return false;
  cursor.at += token.length;
  return true;
}

function expect(cursor: Cursor, token: string): void {
  if (!take(cursor, token)) throw fail(cursor, `expected "${token}"`);
}

function fail(cursor: Cursor, problem: string): TemplateSyntaxError {
  return new TemplateSyntaxError(cursor.text, cursor.at + 1, problem);
}
