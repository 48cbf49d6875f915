import type { DescExtension, DescField } from "@bufbuild/protobuf";
import { heldValue, holdsJson } from "../local-message.ts";
import { enumWriter } from "./enum.ts";
import type { MessageWriters } from "./message.ts";
import { writeEntries, writeItems } from "./repeated.ts";
import { scalarWriter } from "./scalar.ts";
import { structWriter } from "./struct.ts";
import type { ValueWriter } from "./value.ts";

/** Compiles the writer of what a field or an extension holds in protobuf-es, empty or not. */
export function fieldValueWriter(field: DescField | DescExtension, writers: MessageWriters): ValueWriter {
  const write = itemWriter(field, writers);
  if (field.fieldKind === "list") return (value) => writeItems(value as readonly unknown[], write);
  if (field.fieldKind === "map") return (value) => writeEntries(value as Record<string, unknown>, write);
  return write;
}

function itemWriter(field: DescField | DescExtension, writers: MessageWriters): ValueWriter {
  if (field.enum !== undefined) return enumWriter(field.enum, writers.options.enumsAsNumbers ?? false, `${field}`);
  if (field.scalar !== undefined) return scalarWriter(field.scalar, `${field}`);
  if (holdsJson(field)) return structWriter(`${field}`);
  const held = heldValue(field);
  return held === undefined ? (writers.of(field.message) as ValueWriter) : scalarWriter(held.scalar, `${field}`);
}
