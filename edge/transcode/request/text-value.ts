import {
  create,
  type DescField,
  type DescMessage,
  type JsonValue,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import { protoSnakeCase, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FieldMaskSchema, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { quote } from "../refusal.ts";
import { writeField } from "../routing/field-path.ts";

/**
 * Sets a field from the text of a path variable, query parameter or header; appends it where the field is a list.
 *
 * Numbers are decimal, booleans `true` and `false`, enums a name or a number, bytes base64 or base64url; Timestamp,
 * Duration and the wrappers as in JSON; a FieldMask has proto or JSON names.
 *
 * @throws Error the text is not the field's
 */
export function writeText(container: ReflectMessage, field: DescField, text: string, registry: Registry): void {
  if (field.fieldKind === "map") throw new Error(`is a map: name a key, as in ${field.name}[key]=value`);
  if (field.fieldKind === "message" && field.message.typeName === FieldMaskSchema.typeName) {
    const paths = text === "" ? [] : text.split(",").map(protoPath);
    container.set(field, reflect(FieldMaskSchema, create(FieldMaskSchema, { paths })));
    return;
  }
  const json = textToJson(field, text);
  writeField(container, field, field.fieldKind === "list" ? [json] : json, registry);
}

/** Adds an entry to a map. @throws Error the key or the text is not the map's */
export function writeEntry(
  container: ReflectMessage,
  field: DescField,
  key: string,
  text: string,
  registry: Registry,
): void {
  const entry = Object.create(null) as Record<string, JsonValue>;
  entry[key] = textToJson(field, text);
  writeField(container, field, entry, registry);
}

/** JSON names are camel case; a path with an underscore is one of proto names already. */
function protoPath(path: string): string {
  return path.includes("_") ? path : protoSnakeCase(path);
}

/** The JSON of one value of the field, or of one item of the list or map that it is. */
function textToJson(field: DescField, text: string): JsonValue {
  if (field.enum !== undefined) return /^-?\d+$/.test(text) ? Number(text) : text;
  if (field.message !== undefined) return messageTextToJson(field.message, text);
  return scalarTextToJson(field.scalar as ScalarType, text);
}

function messageTextToJson(message: DescMessage, text: string): JsonValue {
  if (isWrapperDesc(message)) return scalarTextToJson(message.fields[0]?.scalar as ScalarType, text);
  switch (message.typeName) {
    case "google.protobuf.Timestamp":
    case FieldMaskSchema.typeName:
      return text;
    case "google.protobuf.Duration":
      return match(text, /^-?\d+(\.\d{1,9})?s$/, "a duration in seconds, as in 1.5s");
    default:
      throw new Error(`is a ${message.typeName}, which one text cannot hold`);
  }
}

function scalarTextToJson(scalar: ScalarType, text: string): JsonValue {
  switch (scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return match(text, /^(true|false)$/, "true or false") === "true";
    case ScalarType.BYTES:
      // A raw "+" of base64 comes as a space, which the decoder would skip.
      return match(text, /^[A-Za-z0-9+/_-]*={0,2}$/, 'base64 (with "+" as %2B, or base64url)');
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return match(text, /^(NaN|-?Infinity|-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$/, "a number");
    default:
      return match(text, /^-?\d+$/, "a whole number");
  }
}

function match(text: string, pattern: RegExp, wanted: string): string {
  if (!pattern.test(text)) throw new Error(`expected ${wanted}, got ${quote(text)}`);
  return text;
}
