import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { numberExample } from "./scalar-example.ts";

const values: Readonly<Record<string, JsonValue>> = {
  "google.protobuf.Timestamp": "2026-01-02T03:04:05.678Z",
  "google.protobuf.Duration": "1.5s",
  "google.protobuf.Empty": {},
  "google.protobuf.Struct": { key: "text" },
  "google.protobuf.Value": "text",
  "google.protobuf.ListValue": ["text"],
};

/**
 * A value of a type whose JSON is not an object of its fields; undefined for the types of which nothing can be said
 * without knowing what they are for: FieldMask and Any.
 */
export function wellKnownExample(message: DescMessage): JsonValue | undefined {
  const scalar = isWrapperDesc(message) ? message.fields[0]?.scalar : undefined;
  return scalar === undefined ? values[message.typeName] : numberExample(scalar);
}
