/** What is wrong with one value, told without its place: the token that a cursor has read last, or a text of a URL. */
export class JsonProblem extends Error {
  /** Whether the text is no JSON at all, rather than JSON of another type. */
  readonly syntax: boolean;

  constructor(message: string, syntax = false) {
    super(message);
    this.name = "JsonProblem";
    this.syntax = syntax;
  }
}

/** "expected a string, got 7". `got` is a token as it is written. */
export function unexpected(wanted: string, got: string): JsonProblem {
  return new JsonProblem(`expected ${wanted}, got ${shorten(got)}`);
}

/** The token's first 100 UTF-16 units. */
export function shorten(token: string): string {
  return token.length > 100 ? `${token.slice(0, 100)}…` : token;
}

/** "is a google.protobuf.Struct, which one text cannot hold". */
export function notOneText(typeName: string): JsonProblem {
  return new JsonProblem(`is a ${typeName}, which one text cannot hold`);
}

/** "\"name\" is given twice". */
export function givenTwice(name: string): JsonProblem {
  return new JsonProblem(`${shorten(JSON.stringify(name))} is given twice`);
}
