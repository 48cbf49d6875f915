import type { JsonCursor } from "../text/cursor.ts";
import { JsonProblem } from "../text/problem.ts";

/** What `"@type"` says in objects, by where they begin. */
type Types = Map<number, string>;

/**
 * Finds the types of the objects in a text that are a google.protobuf.Any. An object is looked through once, with those
 * inside: messages packed in one another take no more time than flat ones.
 */
export class AnyTypes {
  /** Of the texts that are being read, those with an object in which `"@type"` does not come first. */
  readonly #found = new WeakMap<JsonCursor, Types>();

  /**
   * What `"@type"` says in the object that comes next, wherever it stands in it; undefined where the object is empty.
   *
   * @throws JsonProblem there is none
   */
  find(cursor: JsonCursor): string | undefined {
    const start = cursor.tell();
    const first = cursor.lookAhead(() => readFirst(cursor));
    if (first === undefined || first.type !== undefined) return first?.type;
    const type = this.#lookThrough(cursor, start).get(start);
    if (type !== undefined) return type;
    cursor.start = start;
    throw new JsonProblem('an object of any type needs a text "@type" that names it');
  }

  #lookThrough(cursor: JsonCursor, start: number): Types {
    const types: Types = this.#found.get(cursor) ?? new Map();
    this.#found.set(cursor, types);
    if (!types.has(start)) cursor.lookAhead(() => collectTypes(cursor, types));
    return types;
  }
}

/** An object's first member, which mostly is the type. */
function readFirst(cursor: JsonCursor): { type: string | undefined } | undefined {
  if (!cursor.openObject()) return undefined;
  const isType = cursor.readKey() === "@type";
  return { type: isType && cursor.atString() ? cursor.readString() : undefined };
}

function collectTypes(cursor: JsonCursor, types: Types): void {
  const kind = cursor.kind();
  if (kind === "object") collectFromObject(cursor, types);
  else if (kind === "list") collectFromList(cursor, types);
  else if (kind === "string") cursor.readString();
  else if (kind === "number") cursor.readNumber();
  else cursor.readLiteral(kind);
}

function collectFromObject(cursor: JsonCursor, types: Types): void {
  const start = cursor.tell();
  let more = cursor.openObject();
  while (more) {
    const isType = cursor.readKey() === "@type" && cursor.atString();
    if (isType) types.set(start, cursor.readString());
    else collectTypes(cursor, types);
    more = cursor.nextMember();
  }
}

function collectFromList(cursor: JsonCursor, types: Types): void {
  let more = cursor.openList();
  while (more) {
    collectTypes(cursor, types);
    more = cursor.nextItem();
  }
}
