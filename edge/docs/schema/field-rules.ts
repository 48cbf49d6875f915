import { isFieldSet, type JsonObject } from "@bufbuild/protobuf";
import {
  type FieldRules,
  Ignore,
  type Int32Rules,
  type MapRules,
  MapRulesSchema,
  type RepeatedRules,
  RepeatedRulesSchema,
  type StringRules,
  StringRulesSchema,
} from "../../../gen/buf/validate/validate_pb.ts";

/** Adds to a field's schema what its protovalidate rules say, as far as JSON Schema has a keyword for it. */
export function applyRules(schema: JsonObject, rules: FieldRules): JsonObject {
  if (rules.ignore === Ignore.ALWAYS) return schema;
  switch (rules.type.case) {
    case "string":
      return { ...schema, ...stringKeywords(rules.type.value) };
    case "int32":
      return { ...schema, ...int32Keywords(rules.type.value) };
    case "repeated":
      return { ...schema, ...repeatedKeywords(rules.type.value) };
    case "map":
      return applyMapRules(schema, rules.type.value);
    default:
      return schema;
  }
}

function stringKeywords(rules: StringRules): JsonObject {
  return {
    ...(isFieldSet(rules, StringRulesSchema.field.minLen) && { minLength: Number(rules.minLen) }),
    ...(isFieldSet(rules, StringRulesSchema.field.maxLen) && { maxLength: Number(rules.maxLen) }),
    ...(isPortable(rules.pattern) && { pattern: rules.pattern }),
    ...(rules.wellKnown.value === true && { format: "uuid" }),
  };
}

/** JSON Schema asks for what all dialects have (core, 6.4): no classes of Unicode (`\p`), no groups with a flag. */
function isPortable(pattern: string): boolean {
  return pattern !== "" && !/\\p|\(\?/i.test(pattern);
}

const bounds = { lt: "exclusiveMaximum", lte: "maximum", gt: "exclusiveMinimum", gte: "minimum" } as const;

function int32Keywords({ lessThan, greaterThan }: Int32Rules): JsonObject {
  return {
    ...(lessThan.case !== undefined && { [bounds[lessThan.case]]: lessThan.value }),
    ...(greaterThan.case !== undefined && { [bounds[greaterThan.case]]: greaterThan.value }),
  };
}

function repeatedKeywords(rules: RepeatedRules): JsonObject {
  return {
    ...(isFieldSet(rules, RepeatedRulesSchema.field.minItems) && { minItems: Number(rules.minItems) }),
    ...(isFieldSet(rules, RepeatedRulesSchema.field.maxItems) && { maxItems: Number(rules.maxItems) }),
  };
}

function applyMapRules(schema: JsonObject, rules: MapRules): JsonObject {
  return {
    ...schema,
    ...(isFieldSet(rules, MapRulesSchema.field.maxPairs) && { maxProperties: Number(rules.maxPairs) }),
    ...(rules.keys && { propertyNames: applyRules({ type: "string" }, rules.keys) }),
    ...(rules.values && { additionalProperties: applyRules(schema.additionalProperties as JsonObject, rules.values) }),
  };
}
