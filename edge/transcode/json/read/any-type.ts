import type { JsonCursor } from "./json-cursor.ts";
import { JsonProblem } from "./json-problem.ts";

/**
 * What `"@type"` says in the object that comes next, wherever it stands in it; undefined where the object is empty.
 *
 * An object is looked through once, with those inside: messages packed in one another take no more time than flat ones.
 */
export function findType(cursor: JsonCursor): string | undefined {
  const start = cursor.tell();
  const first = cursor.lookAhead(() => readFirst(cursor));
  if (first === undefined || first.type !== undefined) return first?.type;
  if (!cursor.types.has(start)) cursor.lookAhead(() => collectTypes(cursor));
  const type = cursor.types.get(start);
  if (type !== undefined) return type;
  cursor.start = start;
  throw new JsonProblem('an object of any type needs a text "@type" that names it');
}

/** An object's first member, which mostly is the type. */
function readFirst(cursor: JsonCursor): { type: string | undefined } | undefined {
  if (!cursor.openObject()) return undefined;
  const isType = cursor.readKey() === "@type";
  return { type: isType && cursor.atString() ? cursor.readString() : undefined };
}

function collectTypes(cursor: JsonCursor): void {
  const kind = cursor.kind();
  if (kind === "object") collectFromObject(cursor);
  else if (kind === "list") collectFromList(cursor);
  else if (kind === "string") cursor.readString();
  else if (kind === "number") cursor.readNumber();
  else cursor.readLiteral(kind);
}

function collectFromObject(cursor: JsonCursor): void {
  const start = cursor.tell();
  let more = cursor.openObject();
  while (more) {
    const isType = cursor.readKey() === "@type" && cursor.atString();
    if (isType) cursor.types.set(start, cursor.readString());
    else collectTypes(cursor);
    more = cursor.nextMember();
  }
}

function collectFromList(cursor: JsonCursor): void {
  let more = cursor.openList();
  while (more) {
    collectTypes(cursor);
    more = cursor.nextItem();
  }
}
