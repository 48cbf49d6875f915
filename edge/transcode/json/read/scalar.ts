import { ScalarType } from "@bufbuild/protobuf";
import type { JsonCursor } from "../text/cursor.ts";
import { unexpectedText } from "../text/problem.ts";
import { bytesReader } from "./bytes.ts";
import { floatReader } from "./float.ts";
import { int32Reader, int64Reader } from "./integer.ts";
import type { ValueReader } from "./value.ts";

/**
 * Reads the values of a scalar type.
 *
 * @param longAsString integers of 64 bits are held as strings (`jstype = JS_STRING`)
 */
export function scalarReader(scalar: ScalarType, longAsString: boolean): ValueReader {
  switch (scalar) {
    case ScalarType.STRING:
      return stringReader;
    case ScalarType.BOOL:
      return boolReader;
    case ScalarType.BYTES:
      return bytesReader;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return floatReader(scalar);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return int32Reader(scalar);
    default:
      return int64Reader(scalar, longAsString);
  }
}

const stringReader: ValueReader = {
  read: (cursor: JsonCursor) => cursor.readString(),
  parse: (text: string) => text,
  takesNull: false,
};

const boolReader: ValueReader = {
  read: (cursor: JsonCursor) => {
    const kind = cursor.kind();
    if (kind !== "true" && kind !== "false") throw cursor.mismatch("true or false");
    cursor.readLiteral(kind);
    return kind === "true";
  },
  parse: (text: string) => {
    if (text !== "true" && text !== "false") throw unexpectedText("true or false", text);
    return text === "true";
  },
  takesNull: false,
};
