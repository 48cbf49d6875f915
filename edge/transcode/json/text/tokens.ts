import { quote } from "../../quoted.ts";
import { JsonProblem, unexpected, unexpectedText } from "./problem.ts";

const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const LOWER_E = 0x65;

const UNCLOSED = "the string to end in a double quote";
const escapeSequence = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/;
const unescapable = /[\\\u0000-\u001f]/;

/** UTF-16 units. Up to this length, a look at each character is faster than two searches of the engine. */
const SHORT_STRING = 40;

/** The kind of a value. */
export type JsonKind = "object" | "list" | "string" | "number" | "null" | "true" | "false";

/** Reads the tokens of a JSON text (RFC 8259) that have a value. See JsonCursor. */
export class JsonTokens {
  readonly text: string;
  /** Where the token begins that was read last. */
  start = 0;
  protected position = 0;

  /** @param text well-formed UTF-16 */
  constructor(text: string) {
    this.text = text;
  }

  /** What comes next; a text that is no value is refused. */
  kind(): JsonKind {
    const code = this.peek();
    if (code === QUOTE) return "string";
    if (code === 0x7b) return "object";
    if (code === 0x5b) return "list";
    if (code === MINUS || isDigit(code)) return "number";
    if (this.text.startsWith("null", this.position)) return "null";
    if (this.text.startsWith("true", this.position)) return "true";
    if (this.text.startsWith("false", this.position)) return "false";
    throw this.syntax("a value");
  }

  /** Whether a string comes next. */
  atString(): boolean {
    return this.peek() === QUOTE;
  }

  /** Whether a null comes next. */
  atNull(): boolean {
    return this.peek() === 0x6e && this.text.startsWith("null", this.position);
  }

  /** Reads what must have been seen to come next. */
  readLiteral(kind: "null" | "true" | "false"): void {
    this.peek();
    this.start = this.position;
    this.position += kind.length;
  }

  /** Reads a string, where one must come. @param wanted what the problem says was expected */
  readString(wanted = "a string"): string {
    if (this.peek() !== QUOTE) throw this.mismatch(wanted);
    const first = this.position + 1;
    this.start = this.position;
    const near = Math.min(first + SHORT_STRING, this.text.length);
    for (let end = first; end < near; end++) {
      const code = this.text.charCodeAt(end);
      if (code === QUOTE) return this.#slice(first, end);
      if (code === BACKSLASH || code < 0x20) return this.#readEscaped(first);
    }
    return this.#readLong(first);
  }

  /** Reads a number as it is written, where one must come. @param wanted what the problem says was expected */
  readNumber(wanted = "a number"): string {
    const { text } = this;
    const first = this.peek();
    if (first !== MINUS && !isDigit(first)) throw this.mismatch(wanted);
    this.start = this.position;
    let end = first === MINUS ? this.start + 1 : this.start;
    end = text.charCodeAt(end) === ZERO ? end + 1 : this.#skipDigits(end);
    if (text.charCodeAt(end) === DOT) end = this.#skipDigits(end + 1);
    if ((text.charCodeAt(end) | 0x20) === LOWER_E) end = this.#skipExponent(end + 1);
    this.position = end;
    return text.slice(this.start, end);
  }

  /** The problem that the next value, which must be JSON, is of another type than wanted. */
  mismatch(wanted: string): JsonProblem {
    const kind = this.kind();
    this.start = this.position;
    if (kind === "object") return unexpected(wanted, "an object");
    if (kind === "list") return unexpected(wanted, "a list");
    if (kind === "string") return unexpectedText(wanted, this.readString());
    if (kind === "number") return unexpected(wanted, this.readNumber());
    this.readLiteral(kind);
    return unexpected(wanted, kind);
  }

  /** The character at the next token, NaN at the end. */
  protected peek(): number {
    const { text } = this;
    let code = text.charCodeAt(this.position);
    if (code > 0x20) return code;
    let next = this.position;
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++next);
    this.position = next;
    return code;
  }

  /** The problem that something else comes next than what JSON has there. */
  protected syntax(wanted: string): JsonProblem {
    this.peek();
    return this.#problemAt(this.position, wanted);
  }

  #slice(first: number, end: number): string {
    this.position = end + 1;
    return this.text.slice(first, end);
  }

  #readLong(first: number): string {
    const end = this.text.indexOf('"', first);
    if (end === -1) throw this.#problemAt(this.text.length, UNCLOSED);
    const value = this.#slice(first, end);
    return unescapable.test(value) ? this.#readEscaped(first) : value;
  }

  #readEscaped(first: number): string {
    let end = this.text.indexOf('"', first);
    while (end !== -1 && this.#isEscaped(end)) end = this.text.indexOf('"', end + 1);
    if (end === -1) throw this.#problemAt(this.text.length, UNCLOSED);
    const quoted = this.text.slice(first - 1, end + 1);
    this.position = end + 1;
    let value: string;
    try {
      value = JSON.parse(quoted) as string;
    } catch {
      throw this.#findFault(first);
    }
    if (!value.isWellFormed()) throw new JsonProblem(`${quote(value)} has half of a surrogate pair`, true);
    return value;
  }

  /** Whether the quote follows an odd number of backslashes. */
  #isEscaped(at: number): boolean {
    let first = at;
    while (this.text.charCodeAt(first - 1) === BACKSLASH) first--;
    return (at - first) % 2 === 1;
  }

  /** What is wrong with a string that is closed. */
  #findFault(first: number): JsonProblem {
    let at = first;
    for (let code = this.text.charCodeAt(at); code >= 0x20; code = this.text.charCodeAt(at)) {
      if (code !== BACKSLASH) at++;
      else if (escapeSequence.test(this.text.slice(at, at + 6))) at += 2;
      else return this.#problemAt(at, 'an escape as in \\n, \\" or \\u00e9');
    }
    const code = this.text.charCodeAt(at).toString(16).padStart(4, "0");
    return this.#problemAt(at, `a control character to be written as \\u${code}`);
  }

  #skipDigits(from: number): number {
    let end = from;
    while (isDigit(this.text.charCodeAt(end))) end++;
    if (end === from) throw this.#problemAt(end, "a digit");
    return end;
  }

  #skipExponent(from: number): number {
    const sign = this.text.charCodeAt(from);
    return this.#skipDigits(sign === PLUS || sign === MINUS ? from + 1 : from);
  }

  #problemAt(position: number, wanted: string): JsonProblem {
    this.start = Math.min(position, this.text.length);
    const [got] = /^(?:[\p{L}\p{N}_.+-]+|.)/su.exec(this.text.slice(position, position + 20)) ?? [];
    return new JsonProblem(`expected ${wanted}, got ${got === undefined ? "the end" : visible(got)}`, true);
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** A quote or a word as it is; what cannot be seen by its code. */
function visible(got: string): string {
  return /^[\p{Z}\p{C}]/u.test(got) ? `U+${got.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}` : got;
}
