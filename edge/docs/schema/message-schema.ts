import type { DescEnum, DescField, DescMessage, JsonObject } from "@bufbuild/protobuf";
import type { Components } from "./components.ts";
import { describe, describeField, describeValues, withDescription } from "./description.ts";
import { isReadOnly, isRequired, isWriteOnly } from "./field-behavior.ts";
import { fieldSchema } from "./field-schema.ts";
import type { ProtoComments } from "./proto-comments.ts";

/** The schema of a message's canonical JSON, an object of those of its fields that are given: all by default. */
export function messageSchema(
  message: DescMessage,
  components: Components,
  fields: readonly DescField[] = message.fields,
): JsonObject {
  const properties = fields.map((field) => [field.jsonName, propertySchema(field, components)] as const);
  const required = fields.filter(isRequired).map((field) => field.jsonName);
  return {
    type: "object",
    ...withDescription(describe(message, components.comments)),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    ...(message.deprecated && { deprecated: true }),
  };
}

function propertySchema(field: DescField, components: Components): JsonObject {
  const example = field.scalar === undefined ? undefined : components.examples.property(field);
  return {
    ...fieldSchema(field, components),
    ...withDescription(describeField(field, components.comments)),
    ...(isReadOnly(field) && { readOnly: true }),
    ...(isWriteOnly(field) && { writeOnly: true }),
    ...(field.deprecated && { deprecated: true }),
    ...(example !== undefined && { examples: [example] }),
  };
}

/** The schema of an enum's canonical JSON: the names of its values. */
export function enumSchema(desc: DescEnum, comments: ProtoComments): JsonObject {
  const values = describeValues(desc.values, comments, (value) => value.name);
  return {
    type: "string",
    ...withDescription(describe(desc, comments), values),
    enum: desc.values.map((value) => value.name),
    ...(desc.deprecated && { deprecated: true }),
  };
}
