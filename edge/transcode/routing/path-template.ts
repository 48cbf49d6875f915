/** One part of a path between slashes: a literal, any one part (`*`), or any number of parts (`**`, once a template). */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/** A capture: the path's segments from `start` up to `end`, as `Array.slice` takes them, negative behind a `**`. */
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
 * `**` stands once at most, so that the end of what it matches can be told, and a variable holds no other. LITERAL is what RFC 3986 allows in a path
 * segment (pchar) without `:` and `*`; it is compared with the raw path as it stands here, percent-encoding included.
 *
 * @throws TemplateSyntaxError
 */
export function parsePathTemplate(text: string): PathTemplate {
  const cursor: Cursor = { text, at: 0, segments: [], spans: [] };
  expect(cursor, "/");
  parseSegments(cursor, true);
  const verb = take(cursor, ":") ? parseLiteral(cursor) : "";
  if (cursor.at < text.length) throw fail(cursor, verb === "" ? 'expected "/", ":" or the end' : "expected the end");
  const { segments, spans } = cursor;
  return { segments, variables: spans.map((span) => toVariable(span, segments)), verb };
}

/** Where a variable begins and ends (exclusive) in the template's segments. */
type Span = { readonly fieldPath: readonly string[]; readonly start: number; readonly end: number };

function toVariable({ fieldPath, start, end }: Span, segments: readonly Segment[]): Variable {
  const rest = segments.findIndex(({ kind }) => kind === "rest");
  const fromEnd = (index: number) => index - segments.length || undefined;
  const behind = (index: number) => rest !== -1 && index > rest;
  return {
    fieldPath,
    start: behind(start) ? fromEnd(start)! : start,
    end: behind(end) ? fromEnd(end) : end,
    single: end === start + 1 && rest !== start,
  };
}

type Cursor = { readonly text: string; at: number; readonly segments: Segment[]; readonly spans: Span[] };

const literal = /(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;

function parseSegments(cursor: Cursor, variablesAllowed: boolean): void {
  do {
    if (cursor.text[cursor.at] !== "{") cursor.segments.push(parseSegment(cursor));
    else if (variablesAllowed) parseVariable(cursor);
    else throw fail(cursor, "a variable cannot hold another");
  } while (take(cursor, "/"));
}

function parseSegment(cursor: Cursor): Segment {
  if (cursor.text.startsWith("**", cursor.at)) return parseRest(cursor);
  if (take(cursor, "*")) return { kind: "one" };
  return { kind: "literal", text: parseLiteral(cursor) };
}

function parseRest(cursor: Cursor): Segment {
  if (cursor.segments.some(({ kind }) => kind === "rest")) throw fail(cursor, 'there is a "**" already');
  take(cursor, "**");
  return { kind: "rest" };
}

function parseVariable(cursor: Cursor): void {
  expect(cursor, "{");
  const fieldPath = [match(cursor, identifier, "a field name")];
  while (take(cursor, ".")) fieldPath.push(match(cursor, identifier, "a field name"));
  const start = cursor.segments.length;
  if (take(cursor, "=")) parseSegments(cursor, false);
  else cursor.segments.push({ kind: "one" });
  expect(cursor, "}");
  cursor.spans.push({ fieldPath, start, end: cursor.segments.length });
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
