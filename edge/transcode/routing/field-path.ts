import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import type { LocalMessage } from "../json/local-message.ts";
import { refuseSecondCase } from "../json/read/oneof.ts";
import { describeUnknownField } from "../unknown-field.ts";

/** A field of a message or of the messages in it; every field but the last is a singular message. */
export type FieldPath = {
  /** Proto names, dotted. */
  readonly name: string;
  readonly parents: readonly MessageField[];
  readonly field: DescField;
};

type MessageField = DescField & { fieldKind: "message" };

/** Deeper paths are refused, as protobuf-es refuses deeper JSON. */
const MAX_DEPTH = 100;

/** The field with this proto name or JSON name. */
function findField(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.name === name) ?? message.fields.find((field) => field.jsonName === name);
}

/** Finds a field by proto or JSON names. A string is the reason why there is none. */
export function resolveFieldPath(message: DescMessage, names: readonly string[]): FieldPath | string {
  if (names.length > MAX_DEPTH) return `is more than ${MAX_DEPTH} fields deep`;
  const parents: MessageField[] = [];
  let desc = message;
  for (const [index, name] of names.entries()) {
    const field = findField(desc, name);
    if (field === undefined) return describeUnknownField(desc, name);
    if (index === names.length - 1) {
      return { name: [...parents, field].map((part) => part.name).join("."), parents, field };
    }
    if (!isOpenMessage(field)) return `${desc.typeName}.${field.name} has no fields that can be set one by one`;
    parents.push(field);
    desc = field.message;
  }
  return "is empty";
}

/** The types whose JSON is not an object of their fields are values, not messages, to a URL. */
function isOpenMessage(field: DescField): field is MessageField {
  return field.fieldKind === "message" && !hasCustomJsonRepresentation(field.message);
}

/** The message that holds the path's field, made with those around it where they are not set. @throws JsonProblem */
export function openContainer(message: ReflectMessage, parents: readonly MessageField[]): ReflectMessage {
  let container = message;
  for (const field of parents) {
    refuseSecondCase(container.message as LocalMessage, field);
    if (!container.isSet(field)) container.set(field, reflect(field.message));
    container = container.get(field);
  }
  return container;
}
