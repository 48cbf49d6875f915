import type { DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { isReadOnly, isRequired, isWriteOnly } from "../schema/field-behavior.ts";
import { wellKnownSchema } from "../schema/well-known-schema.ts";
import type { ResourceNames } from "./resource-names.ts";
import { scalarExample } from "./scalar-example.ts";
import { wellKnownExample } from "./well-known-example.ts";

/** Whose side a message is on: a request leaves out what the server sets, an answer what it never tells. */
export type Direction = "request" | "answer";

/** Makes the JSON of messages out of given examples, and of the descriptors where there is none. */
export class MessageExamples {
  readonly #given: ReadonlyMap<DescMessage, JsonObject>;
  readonly #names: ResourceNames;

  constructor(given: ReadonlyMap<DescMessage, JsonObject>, names: ResourceNames) {
    this.#given = given;
    this.#names = names;
  }

  /** The example that was given for a type. */
  given(desc: DescMessage): JsonObject | undefined {
    return this.#given.get(desc);
  }

  /** @param parents the types that the message is within: none of them is in it again */
  message(desc: DescMessage, direction: Direction, parents: readonly DescMessage[] = []): JsonValue | undefined {
    if (wellKnownSchema(desc) !== undefined) return wellKnownExample(desc);
    const given = this.#given.get(desc);
    if (given !== undefined) return prune(desc, given, direction);
    const fields = desc.fields.filter((field) => isShown(field, direction) && isFirstOfOneof(field));
    const entries = fields.map((field) => [field.jsonName, this.field(field, direction, [...parents, desc])] as const);
    return Object.fromEntries(entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
  }

  /** A field's value; undefined where nothing can be said of it. */
  field(field: DescField, direction: Direction, parents: readonly DescMessage[] = []): JsonValue | undefined {
    const value = this.#value(field, direction, parents);
    if (value === undefined) return undefined;
    if (field.fieldKind === "list") return [value];
    return field.fieldKind === "map" ? { [mapKey(field.mapKey)]: value } : value;
  }

  #value(field: DescField, direction: Direction, parents: readonly DescMessage[]): JsonValue | undefined {
    if (field.message !== undefined) {
      return parents.includes(field.message) ? undefined : this.message(field.message, direction, parents);
    }
    if (field.enum?.typeName === "google.protobuf.NullValue") return null;
    if (field.enum !== undefined) return (field.enum.values[1] ?? field.enum.values[0])?.name;
    return this.#names.nameFor(field) ?? scalarExample(field);
  }
}

/** Leaves out of a message's JSON, and of the messages in it, what its direction does not have. */
export function prune(desc: DescMessage, json: JsonObject, direction: Direction): JsonObject {
  const fields = desc.fields.filter((field) => json[field.jsonName] !== undefined && isSent(field, direction));
  return Object.fromEntries(
    fields.map((field) => [field.jsonName, pruneField(field, json[field.jsonName]!, direction)]),
  );
}

function pruneField(field: DescField, value: JsonValue, direction: Direction): JsonValue {
  const { message } = field;
  if (message === undefined || wellKnownSchema(message) !== undefined) return value;
  if (field.fieldKind === "list") return (value as JsonObject[]).map((item) => prune(message, item, direction));
  if (field.fieldKind !== "map") return prune(message, value as JsonObject, direction);
  const entries = Object.entries(value as Record<string, JsonObject>);
  return Object.fromEntries(entries.map(([key, item]) => [key, prune(message, item, direction)]));
}

function isSent(field: DescField, direction: Direction): boolean {
  return direction === "request" ? !isReadOnly(field) && field.name !== "etag" : !isWriteOnly(field);
}

/** What makes a request good once alone, as its id, is not shown, nor is what stands for a state of before. */
const onlyOnce = new Set(["request_id", "page_token"]);

function isShown(field: DescField, direction: Direction): boolean {
  if (field.deprecated || !isSent(field, direction)) return false;
  return direction === "answer" || isRequired(field) || !onlyOnce.has(field.name);
}

function isFirstOfOneof(field: DescField): boolean {
  return field.oneof === undefined || field.oneof.fields[0] === field;
}

function mapKey(key: ScalarType): string {
  if (key === ScalarType.STRING) return "key";
  return key === ScalarType.BOOL ? "true" : "1";
}
