import { ScalarType } from "@bufbuild/protobuf";
import type { JsonCursor } from "../text/cursor.ts";
import { isNumber } from "../text/number.ts";
import { unexpected, unexpectedText } from "../text/problem.ts";
import type { ValueReader } from "./value.ts";

/** The largest finite float. */
const FLOAT_MAX = 3.4028234663852886e38;

const special = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

const WANTED = "a number";
const WANTED_TEXT = 'a number, "NaN", "Infinity" or "-Infinity"';

/** Reads floats and doubles, which JSON writes as numbers or strings. A finite number must not become infinite. */
export function floatReader(scalar: ScalarType): ValueReader {
  const [max, name] = scalar === ScalarType.FLOAT ? [FLOAT_MAX, "float"] : [Number.MAX_VALUE, "double"];
  const convert = (token: string): number => {
    const value = Number(token);
    if (value >= -max && value <= max) return value;
    throw unexpected(`a number from -${max} to ${max}, the range of a ${name}`, token);
  };
  const parse = (text: string): number => {
    if (isNumber(text)) return convert(text);
    const value = special.get(text);
    if (value === undefined) throw unexpectedText(WANTED_TEXT, text);
    return value;
  };
  const read = (cursor: JsonCursor) =>
    cursor.atString() ? parse(cursor.readString()) : convert(cursor.readNumber(WANTED));
  return { read, parse, takesNull: false };
}
