import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { LocalMessage } from "../local-message.ts";
import type { JsonCursor } from "../text/cursor.ts";
import { JsonProblem } from "../text/problem.ts";
import { fieldValueReader } from "./field-value.ts";
import type { MessageReaders } from "./message.ts";
import { refuseSecondCase } from "./oneof.ts";
import { setOwn } from "./own-property.ts";
import { mapKeyParser, readEntries, readItems } from "./repeated.ts";
import type { ValueReader } from "./value.ts";

/** Sets one field of a message. */
export type FieldReader = {
  readonly field: DescField;
  /** 1, 2, 4 and so on for the first 31 fields of a message, 0 for the others. */
  readonly bit: number;
  /** Whether null is one of the field's values; otherwise it leaves the field unset. */
  readonly takesNull: boolean;
  /** Reads the value that comes next. */
  readonly read: (message: LocalMessage, cursor: JsonCursor) => void;
  /** Sets the field to a text of a URL; appends it to a list; puts it under a key of a map. */
  readonly write: (message: LocalMessage, text: string, key: string | undefined) => void;
};

/** The readers of a message's fields by JSON and proto names. */
export function compileFields(desc: DescMessage, readers: MessageReaders): Map<string, FieldReader> {
  const all = desc.fields.map((field, index) => compileField(field, index, readers));
  const byName = new Map(all.map((reader) => [reader.field.name, reader]));
  for (const reader of all) byName.set(reader.field.jsonName, reader);
  return byName;
}

function compileField(field: DescField, index: number, readers: MessageReaders): FieldReader {
  const value = fieldValueReader(field, readers);
  const access = compileAccess(field, value);
  const takesNull = value.takesNull && field.fieldKind !== "list" && field.fieldKind !== "map";
  const read = (message: LocalMessage, cursor: JsonCursor) => {
    if (!takesNull && cursor.atNull()) cursor.readLiteral("null");
    else access.read(message, cursor);
  };
  return { field, bit: index < 31 ? 1 << index : 0, takesNull, read, write: access.write };
}

type Access = Pick<FieldReader, "read" | "write">;

function compileAccess(field: DescField, value: ValueReader): Access {
  if (field.fieldKind === "list") return listAccess(field, value);
  if (field.fieldKind === "map") return mapAccess(field, value);
  return field.oneof === undefined ? singularAccess(field, value) : oneofAccess(field, field.oneof, value);
}

function singularAccess({ localName }: DescField, value: ValueReader): Access {
  return {
    read: (message, cursor) => {
      message[localName] = value.read(cursor);
    },
    write: (message, text) => {
      message[localName] = value.parse(text);
    },
  };
}

function oneofAccess(field: DescField, oneof: NonNullable<DescField["oneof"]>, value: ValueReader): Access {
  return {
    read: (message, cursor) => {
      refuseSecondCase(message, field);
      message[oneof.localName] = { case: field.localName, value: value.read(cursor) };
    },
    write: (message, text) => {
      refuseSecondCase(message, field);
      message[oneof.localName] = { case: field.localName, value: value.parse(text) };
    },
  };
}

function listAccess({ localName }: DescField, value: ValueReader): Access {
  return {
    read: (message, cursor) => readItems(message[localName] as unknown[], cursor, value),
    write: (message, text) => (message[localName] as unknown[]).push(value.parse(text)),
  };
}

function mapAccess(field: DescField & { fieldKind: "map" }, value: ValueReader): Access {
  const { localName } = field;
  const parseKey = mapKeyParser(field.mapKey);
  return {
    read: (message, cursor) => readEntries(message[localName] as object, cursor, parseKey, value),
    write: (message, text, key) => {
      if (key === undefined) throw new JsonProblem(`is a map: name a key, as in ${field.name}[key]=value`);
      const name = parseKey(key);
      if (Object.hasOwn(message[localName] as object, name)) throw new JsonProblem("is given twice");
      setOwn(message[localName] as object, name, value.parse(text));
    },
  };
}
