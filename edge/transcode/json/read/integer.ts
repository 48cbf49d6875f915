import { ScalarType } from "@bufbuild/protobuf";
import type { JsonCursor } from "../text/cursor.ts";
import { isNumber, toInteger } from "../text/number.ts";
import { unexpected, unexpectedText } from "../text/problem.ts";
import type { ValueReader } from "./value.ts";

const WANTED = "a whole number";

/** Reads integers of 32 bits, which JSON writes as numbers or strings. */
export function int32Reader(scalar: ScalarType): ValueReader {
  const unsigned = scalar === ScalarType.UINT32 || scalar === ScalarType.FIXED32;
  const [min, max] = unsigned ? [0, 0xffff_ffff] : [-0x8000_0000, 0x7fff_ffff];
  const convert = (token: string): number => {
    const value = Number(token);
    const plain = Number.isInteger(value) && String(value) === token;
    return plain && value >= min && value <= max ? value : Number(toExact(token, BigInt(min), BigInt(max)));
  };
  return numberReader(convert);
}

/** Reads integers of 64 bits, which JSON writes as strings or numbers. @param asText they are held as strings */
export function int64Reader(scalar: ScalarType, asText: boolean): ValueReader {
  const unsigned = scalar === ScalarType.UINT64 || scalar === ScalarType.FIXED64;
  const [min, max] = unsigned ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  return numberReader(asText ? (token) => String(toExact(token, min, max)) : (token) => toExact(token, min, max));
}

function numberReader(convert: (token: string) => unknown): ValueReader {
  const parse = (text: string) => {
    if (!isNumber(text)) throw unexpectedText(WANTED, text);
    return convert(text);
  };
  const read = (cursor: JsonCursor) =>
    cursor.atString() ? parse(cursor.readString()) : convert(cursor.readNumber(WANTED));
  return { read, parse, takesNull: false };
}

function toExact(token: string, min: bigint, max: bigint): bigint {
  const value = toInteger(token);
  if (value === undefined) throw unexpected(WANTED, token);
  if (value >= min && value <= max) return value;
  throw unexpected(`${WANTED} from ${min} to ${max}`, token);
}
