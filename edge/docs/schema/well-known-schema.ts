import type { DescMessage, JsonObject } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { scalarSchema } from "./scalar-schema.ts";

/** A type whose JSON is one string. */
const texts: Readonly<Record<string, JsonObject>> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.Duration": {
    type: "string",
    pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$",
    description: "Seconds, as in `1.5s`.",
  },
  "google.protobuf.FieldMask": { type: "string", description: "Names of fields, separated by commas." },
};

const structures: Readonly<Record<string, JsonObject>> = {
  "google.protobuf.Empty": { type: "object" },
  "google.protobuf.Struct": { type: "object", additionalProperties: true },
  "google.protobuf.Value": {},
  "google.protobuf.ListValue": { type: "array", items: {} },
  "google.protobuf.Any": {
    type: "object",
    properties: { "@type": { type: "string", description: "The type's URL." } },
    required: ["@type"],
    additionalProperties: true,
  },
};

/** The schema of a type whose JSON is not an object of its fields; undefined for any other. */
export function wellKnownSchema(message: DescMessage): JsonObject | undefined {
  return textSchema(message) ?? structures[message.typeName];
}

/** The schema of a message that one text of a URL can hold; undefined for any other. */
export function textSchema(message: DescMessage): JsonObject | undefined {
  return isWrapperDesc(message) ? scalarSchema(message.fields[0]?.scalar) : texts[message.typeName];
}
