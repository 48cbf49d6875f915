import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { LocalMessage } from "../local-message.ts";
import { fieldValueWriter } from "./field-value.ts";
import type { MessageWriters } from "./message.ts";
import { unwritable } from "./problem.ts";
import type { ValueWriter } from "./value.ts";

/** Writes the value of one field of a message; undefined where it is not set. */
export type FieldWriter = (message: LocalMessage) => string | undefined;

/** Compiles the writer of a field. With `printDefault` a field without presence is always set. */
export function fieldWriter(field: DescField, writers: MessageWriters, printDefault: boolean): FieldWriter {
  const write = fieldValueWriter(field, writers);
  const { localName } = field;
  if (field.oneof !== undefined) return oneofFieldWriter(write, field.oneof.localName, localName);
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return presentFieldWriter(write, field);
  return printDefault ? (message) => write(message[localName]) : implicitFieldWriter(write, field);
}

function oneofFieldWriter(write: ValueWriter, oneof: string, localName: string): FieldWriter {
  return (message) => {
    const choice = message[oneof] as { readonly case?: string; readonly value?: unknown };
    return choice.case === localName ? write(choice.value) : undefined;
  };
}

/** The defaults of proto2 stand on the prototype: only an own property is set. */
function presentFieldWriter(write: ValueWriter, field: DescField): FieldWriter {
  const { localName } = field;
  const required = field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
  return (message) => {
    const value = message[localName];
    if (value !== undefined && Object.hasOwn(message, localName)) return write(value);
    if (required) throw unwritable(`${field}`, "it is required and not set");
    return undefined;
  };
}

function implicitFieldWriter(write: ValueWriter, field: DescField): FieldWriter {
  const { localName } = field;
  const zero = zeroOf(field);
  if (zero !== undefined) {
    return (message) => {
      const value = message[localName];
      return value === zero ? undefined : write(value);
    };
  }
  const isEmpty = emptiness(field);
  return (message) => {
    const value = message[localName];
    return isEmpty(value) ? undefined : write(value);
  };
}

/** The one value that is the zero of a field's type, as far as there is one. */
function zeroOf(field: DescField): unknown {
  if (field.fieldKind === "enum") return 0;
  if (field.fieldKind !== "scalar") return undefined;
  switch (field.scalar) {
    case ScalarType.STRING:
      return "";
    case ScalarType.BOOL:
      return false;
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return 0;
    default:
      return undefined;
  }
}

/** Tells the zero of all other types: lists, maps, bytes, and numbers with a -0 or with several forms. */
function emptiness(field: DescField): (value: unknown) => boolean {
  if (field.fieldKind === "list") return (value) => (value as readonly unknown[]).length === 0;
  if (field.fieldKind === "map") return (value) => Object.keys(value as object).length === 0;
  if (field.scalar === ScalarType.BYTES) return (value) => value instanceof Uint8Array && value.byteLength === 0;
  const isFloat = field.scalar === ScalarType.DOUBLE || field.scalar === ScalarType.FLOAT;
  return isFloat ? (value) => Object.is(value, 0) : (value) => value === 0n || value === "0" || value === 0;
}
