import { type DescField, getOption, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { field as fieldRules, type Int32Rules } from "../../../gen/buf/validate/validate_pb.ts";

/** A value of a singular scalar field, of an item of a list or of a value of a map. */
export function scalarExample(field: DescField): JsonValue {
  switch (field.scalar) {
    case undefined:
    case ScalarType.STRING:
      return textExample(field);
    default:
      return numberExample(field.scalar, field);
  }
}

/** A value of a scalar that is no text. */
export function numberExample(scalar: ScalarType, field?: DescField): JsonValue {
  switch (scalar) {
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return btoa("bytes");
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return 1.5;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return "1";
    case ScalarType.STRING:
      return "text";
    default:
      return field === undefined ? 1 : integerWithin(field);
  }
}

/** The name of the field, in words, where its form does not say more. */
function textExample(field: DescField): string {
  const { type } = getOption(field, fieldRules);
  if (type.case === "string" && type.value.wellKnown.value === true) return "6f1c2a54-9d3e-4b7a-8c15-2e0f9b7d4a61";
  if (/(^|_)page_token$/.test(field.name)) return "CAoQAQ";
  if (/(^|_)(uri|url)$/.test(field.name)) return "https://example.com/";
  if (/(^|_)email$/.test(field.name)) return "ada@example.com";
  return field.name.replaceAll("_", " ");
}

function integerWithin(field: DescField): number {
  const { type } = getOption(field, fieldRules);
  return type.case === "int32" ? clamp(type.value) : 1;
}

function clamp({ greaterThan, lessThan }: Int32Rules): number {
  const least = greaterThan.case === undefined ? 1 : greaterThan.value + (greaterThan.case === "gt" ? 1 : 0);
  const most =
    lessThan.case === undefined ? Number.POSITIVE_INFINITY : lessThan.value - (lessThan.case === "lt" ? 1 : 0);
  return Math.min(Math.max(1, least), most);
}
