import { type DescExtension, type DescMessage, isMessage, setExtension } from "@bufbuild/protobuf";
import type { LocalMessage } from "../local-message.ts";
import type { JsonCursor } from "../text/cursor.ts";
import { fieldValueReader } from "./field-value.ts";
import type { MessageReaders } from "./message.ts";
import { readItems } from "./repeated.ts";
import type { ValueReader } from "./value.ts";

/** Reads an extension, whose key is `[its.full.name]`. False where the message has none of this name. */
export function readExtension(
  message: LocalMessage,
  desc: DescMessage,
  key: string,
  cursor: JsonCursor,
  readers: MessageReaders,
): boolean {
  if (!key.startsWith("[") || !key.endsWith("]")) return false;
  const extension = readers.registry?.getExtension(key.slice(1, -1));
  if (extension?.extendee.typeName !== desc.typeName) return false;
  const reader = fieldValueReader(extension, readers);
  const isList = extension.fieldKind === "list";
  if (cursor.atNull() && (isList || !reader.takesNull)) cursor.readLiteral("null");
  else write(message, extension, isList ? readList(cursor, reader) : [reader.read(cursor)], readers);
  return true;
}

function readList(cursor: JsonCursor, reader: ValueReader): unknown[] {
  const list: unknown[] = [];
  readItems(list, cursor, reader);
  return list;
}

/** An extension is held as its bytes, which need all that is required. */
function write(message: LocalMessage, extension: DescExtension, values: unknown[], readers: MessageReaders): void {
  for (const value of values) {
    if (extension.message !== undefined && isMessage(value)) readers.requireFields(extension.message, value);
  }
  setExtension(message, extension, (extension.fieldKind === "list" ? values : values[0]) as never);
}
