import { ScalarType } from "@bufbuild/protobuf";
import type { JsonCursor } from "../text/cursor.ts";
import { givenTwice, JsonProblem } from "../text/problem.ts";
import { setOwn } from "./own-property.ts";
import { scalarReader } from "./scalar.ts";
import type { ValueReader } from "./value.ts";

/** Reads the items of a list. @param list they are appended to it */
export function readItems(list: unknown[], cursor: JsonCursor, value: ValueReader): void {
  let more = cursor.openList();
  while (more) {
    list.push(value.read(cursor));
    more = cursor.nextItem();
  }
}

/** The name under which protobuf-es holds the entry of a map that has this key. @throws JsonProblem */
export type MapKeyParser = (key: string) => string;

/** Reads the entries of a map, in which no key may be given twice. @param record they are added to it */
export function readEntries(record: object, cursor: JsonCursor, parseKey: MapKeyParser, value: ValueReader): void {
  let more = cursor.openObject();
  while (more) {
    const key = parseKey(cursor.readKey());
    if (Object.hasOwn(record, key)) throw givenTwice(key);
    setOwn(record, key, value.read(cursor));
    more = cursor.nextMember();
  }
}

/** @param scalar the type of the map's keys */
export function mapKeyParser(scalar: ScalarType): MapKeyParser {
  if (scalar === ScalarType.STRING) return (key) => key;
  const { parse } = scalarReader(scalar, false);
  return (key) => {
    try {
      return String(parse(key));
    } catch (problem) {
      throw problem instanceof JsonProblem ? new JsonProblem(`the key: ${problem.message}`) : problem;
    }
  };
}
