import { ScalarType } from "@bufbuild/protobuf";
import { quote } from "./string-writer.ts";

/** Writes a value of one type as JSON text; throws where it is not of that type. */
export type ValueWriter = (value: unknown) => string;

/** The writer of a scalar type, by https://protobuf.dev/programming-guides/json; its errors name the field. */
export function scalarWriter(type: ScalarType, field: string): ValueWriter {
  switch (type) {
    case ScalarType.STRING:
      return (value) => {
        if (typeof value !== "string") throw unexpected(field, "a string", value);
        return quote(value);
      };
    case ScalarType.BOOL:
      return (value) => {
        if (typeof value !== "boolean") throw unexpected(field, "a boolean", value);
        return value ? "true" : "false";
      };
    case ScalarType.BYTES:
      return (value) => {
        if (!(value instanceof Uint8Array)) throw unexpected(field, "a Uint8Array", value);
        return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}"`;
      };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return (value) => {
        if (typeof value !== "number") throw unexpected(field, "a number", value);
        return Number.isFinite(value) ? `${value}` : `"${value}"`;
      };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return (value) => {
        if (typeof value !== "number") throw unexpected(field, "a number", value);
        return Number.isInteger(value) ? `${value}` : JSON.stringify(value);
      };
    default:
      return (value) => {
        if (typeof value === "bigint" || Number.isInteger(value)) return `"${value}"`;
        if (typeof value === "string") return quote(value);
        throw unexpected(field, "a 64-bit integer", value);
      };
  }
}

/** The error of a value that a field cannot hold. */
export function unexpected(field: string, wanted: string, value: unknown): Error {
  return new Error(`cannot write ${field} as JSON: expected ${wanted}, got ${value === null ? "null" : typeof value}`);
}
