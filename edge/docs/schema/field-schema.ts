import { type DescField, getOption, type JsonObject } from "@bufbuild/protobuf";
import { field as fieldRules } from "../../../gen/buf/validate/validate_pb.ts";
import type { Components } from "./components.ts";
import { applyRules } from "./field-rules.ts";
import { scalarSchema } from "./scalar-schema.ts";
import { wellKnownSchema } from "./well-known-schema.ts";

/** The schema of a field's value with its rules, without the field's description. */
export function fieldSchema(field: DescField, components: Components): JsonObject {
  return applyRules(shape(field, components), getOption(field, fieldRules));
}

function shape(field: DescField, components: Components): JsonObject {
  const value = valueSchema(field, components);
  if (field.fieldKind === "list") return { type: "array", items: value };
  if (field.fieldKind === "map") return { type: "object", additionalProperties: value };
  return value;
}

/** The schema of one value of the field, or of one item of the list or map that it is. */
function valueSchema(field: DescField, components: Components): JsonObject {
  if (field.message !== undefined) return wellKnownSchema(field.message) ?? components.refer(field.message);
  if (field.enum?.typeName === "google.protobuf.NullValue") return { type: "null" };
  if (field.enum !== undefined) return components.refer(field.enum);
  return scalarSchema(field.scalar);
}
