import { cut, quote } from "../../quoted.ts";

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

/** "expected a string, got 7". @param got what came, as it is shown but for its length */
export function unexpected(wanted: string, got: string): JsonProblem {
  return new JsonProblem(`expected ${wanted}, got ${cut(got)}`);
}

/** "expected a number, got \"x\"". @param text what came, without quotes */
export function unexpectedText(wanted: string, text: string): JsonProblem {
  return new JsonProblem(`expected ${wanted}, got ${quote(text)}`);
}

/** "is a google.protobuf.Struct, which one text cannot hold". */
export function notOneText(typeName: string): JsonProblem {
  return new JsonProblem(`is a ${typeName}, which one text cannot hold`);
}

/** "\"name\" is given twice". */
export function givenTwice(name: string): JsonProblem {
  return new JsonProblem(`${quote(name)} is given twice`);
}
