import { type JsonObject, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import {
  type ListValue,
  ListValueSchema,
  NullValue,
  type Struct,
  StructSchema,
  type Value,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import type { JsonCursor } from "../text/cursor.ts";
import { givenTwice } from "../text/problem.ts";
import { floatReader } from "./float.ts";
import { setOwn } from "./own-property.ts";

const double = floatReader(ScalarType.DOUBLE);

/** Reads any JSON. Numbers are doubles, and must be in their range. */
export function readJson(cursor: JsonCursor): JsonValue {
  const kind = cursor.kind();
  switch (kind) {
    case "object":
      return readJsonObject(cursor);
    case "list":
      return readJsonList(cursor);
    case "string":
      return cursor.readString();
    case "number":
      return double.read(cursor) as number;
    default:
      cursor.readLiteral(kind);
      return kind === "null" ? null : kind === "true";
  }
}

/** Reads an object, in which no name may be given twice. */
export function readJsonObject(cursor: JsonCursor): JsonObject {
  const object: JsonObject = {};
  let more = cursor.openObject();
  while (more) {
    const key = cursor.readKey();
    if (Object.hasOwn(object, key)) throw givenTwice(key);
    setOwn(object, key, readJson(cursor));
    more = cursor.nextMember();
  }
  return object;
}

function readJsonList(cursor: JsonCursor): JsonValue[] {
  const list: JsonValue[] = [];
  let more = cursor.openList();
  while (more) {
    list.push(readJson(cursor));
    more = cursor.nextItem();
  }
  return list;
}

/** Reads google.protobuf.Struct. */
export function readStruct(cursor: JsonCursor): Struct {
  return toStruct(readJsonObject(cursor));
}

/** Reads google.protobuf.ListValue. */
export function readListValue(cursor: JsonCursor): ListValue {
  return toListValue(readJsonList(cursor));
}

/** Reads google.protobuf.Value. */
export function readValue(cursor: JsonCursor): Value {
  return toValue(readJson(cursor));
}

function toStruct(object: JsonObject): Struct {
  const struct: Struct = { $typeName: StructSchema.typeName, fields: {} };
  for (const [key, value] of Object.entries(object)) setOwn(struct.fields, key, toValue(value));
  return struct;
}

function toListValue(list: readonly JsonValue[]): ListValue {
  return { $typeName: ListValueSchema.typeName, values: list.map(toValue) };
}

function toValue(json: JsonValue): Value {
  return { $typeName: ValueSchema.typeName, kind: toKind(json) };
}

function toKind(json: JsonValue): Value["kind"] {
  if (json === null) return { case: "nullValue", value: NullValue.NULL_VALUE };
  if (typeof json === "string") return { case: "stringValue", value: json };
  if (typeof json === "number") return { case: "numberValue", value: json };
  if (typeof json === "boolean") return { case: "boolValue", value: json };
  if (Array.isArray(json)) return { case: "listValue", value: toListValue(json) };
  return { case: "structValue", value: toStruct(json) };
}
