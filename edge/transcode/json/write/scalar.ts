import { ScalarType } from "@bufbuild/protobuf";
import { unfit } from "./problem.ts";
import { stringText } from "./string.ts";
import type { ValueWriter } from "./value.ts";

/** The writer of a scalar type, by https://protobuf.dev/programming-guides/json; its errors name the field. */
export function scalarWriter(type: ScalarType, field: string): ValueWriter {
  switch (type) {
    case ScalarType.STRING:
      return stringWriter(field);
    case ScalarType.BOOL:
      return boolWriter(field);
    case ScalarType.BYTES:
      return bytesWriter(field);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return floatWriter(field);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return int32Writer(field);
    default:
      return int64Writer(field);
  }
}

function stringWriter(field: string): ValueWriter {
  return (value) => {
    if (typeof value !== "string") throw unfit(field, "a string", value);
    return stringText(value);
  };
}

function boolWriter(field: string): ValueWriter {
  return (value) => {
    if (typeof value !== "boolean") throw unfit(field, "a boolean", value);
    return value ? "true" : "false";
  };
}

function bytesWriter(field: string): ValueWriter {
  return (value) => {
    if (!(value instanceof Uint8Array)) throw unfit(field, "a Uint8Array", value);
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}"`;
  };
}

/** What is not finite is a text. */
function floatWriter(field: string): ValueWriter {
  return (value) => {
    if (typeof value !== "number") throw unfit(field, "a number", value);
    return Number.isFinite(value) ? `${value}` : `"${value}"`;
  };
}

/** What is not whole is written as JSON.stringify does, as protobuf-es leaves it. */
function int32Writer(field: string): ValueWriter {
  return (value) => {
    if (typeof value !== "number") throw unfit(field, "a number", value);
    return Number.isInteger(value) ? `${value}` : JSON.stringify(value);
  };
}

/** A text, whether it is held as one or not. */
function int64Writer(field: string): ValueWriter {
  return (value) => {
    if (typeof value === "bigint" || Number.isInteger(value)) return `"${value}"`;
    if (typeof value === "string") return stringText(value);
    throw unfit(field, "a 64-bit integer", value);
  };
}
