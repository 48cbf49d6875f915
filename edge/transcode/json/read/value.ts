import type { JsonCursor } from "../text/cursor.ts";
import { notOneText } from "../text/problem.ts";

/** Reads the values of one type into what protobuf-es holds for them. */
export type ValueReader = {
  /** Reads the next value. @throws JsonProblem */
  readonly read: (cursor: JsonCursor) => unknown;
  /** Reads the text of a URL or of a map's key. @throws JsonProblem */
  readonly parse: (text: string) => unknown;
  /** Whether null is one of the values; otherwise it leaves a field unset. */
  readonly takesNull: boolean;
};

/** The reader of a type that has JSON, but that one text cannot hold. */
export function jsonReader(typeName: string, read: ValueReader["read"], takesNull = false): ValueReader {
  const parse = () => {
    throw notOneText(typeName);
  };
  return { read, parse, takesNull };
}
