import { JsonProblem } from "./problem.ts";
import { JsonTokens } from "./tokens.ts";

/** Objects and lists inside one another. */
const MAX_DEPTH = 100;

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Goes through a JSON text (RFC 8259), as strict as JSON.parse about it. Strings with half of a surrogate pair, which
 * UTF-8 cannot hold, and more than 100 objects and lists inside one another are refused.
 *
 * All methods throw JsonProblem, about the token that begins at `start`.
 */
export class JsonCursor extends JsonTokens {
  #depth = 0;

  /** Enters an object, where one must come. Whether it has a member. */
  openObject(): boolean {
    return this.#open(OPEN_OBJECT, CLOSE_OBJECT, "an object");
  }

  /** Enters a list, where one must come. Whether it has an item. */
  openList(): boolean {
    return this.#open(OPEN_LIST, CLOSE_LIST, "a list");
  }

  /** Reads a member's name and the colon. */
  readKey(): string {
    if (!this.atString()) throw this.syntax("a name in double quotes");
    const key = this.readString();
    if (this.peek() !== COLON) throw this.syntax('":"');
    this.position++;
    return key;
  }

  /** Goes on to the next member, or leaves the object: then it is false. */
  nextMember(): boolean {
    return this.#next(CLOSE_OBJECT, '"," or "}"');
  }

  /** Goes on to the next item, or leaves the list: then it is false. */
  nextItem(): boolean {
    return this.#next(CLOSE_LIST, '"," or "]"');
  }

  /** Where the next token begins. */
  tell(): number {
    this.peek();
    return this.position;
  }

  /** Reads ahead, and goes back. */
  lookAhead<T>(read: () => T): T {
    const { position } = this;
    const depth = this.#depth;
    const found = read();
    this.position = position;
    this.#depth = depth;
    return found;
  }

  /** Requires that nothing follows. */
  end(): void {
    if (!Number.isNaN(this.peek())) throw this.syntax("the end");
  }

  #open(open: number, close: number, wanted: string): boolean {
    if (this.peek() !== open) throw this.mismatch(wanted);
    this.start = this.position++;
    if (++this.#depth > MAX_DEPTH) throw new JsonProblem(`more than ${MAX_DEPTH} objects and lists inside one another`);
    if (this.peek() !== close) return true;
    this.position++;
    this.#depth--;
    return false;
  }

  #next(close: number, wanted: string): boolean {
    const code = this.peek();
    if (code !== COMMA && code !== close) throw this.syntax(wanted);
    this.position++;
    if (code === COMMA) return true;
    this.#depth--;
    return false;
  }
}
