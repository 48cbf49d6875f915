import { type DescField, type DescMessage, getOption, hasOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { FieldBehavior, field_behavior } from "../../gen/google/api/field_behavior_pb.ts";
import { resource } from "../../gen/google/api/resource_pb.ts";
import { findTargetField } from "./target-field.ts";

/** A field of a request that a policy may keep from a caller. */
export type SettableField = {
  /** By which policies and masks name it. */
  name: string;
  /** In the request, as in `message.internal`. */
  path: string;
  isSet(request: Message): boolean;
};

/** What says which resource is meant, how it is answered, and when it is done; nobody is denied that. */
const ASIDE = ["request_id", "page_size", "page_token", "etag", "update_mask"];
/** What the server gives, whatever a caller sends. */
const GIVEN: readonly FieldBehavior[] = [FieldBehavior.OUTPUT_ONLY, FieldBehavior.IDENTIFIER];

/** The fields that a request has, and those of the resource in it. */
export function findSettableFields(request: DescMessage): SettableField[] {
  const target = findTargetField(request)?.path;
  const own = request.fields.filter(({ name }) => name !== target && !ASIDE.includes(name));
  return own.flatMap((field) => {
    if (field.fieldKind === "message" && hasOption(field.message, resource)) return fieldsOfResource(field);
    return [{ name: field.name, path: field.name, isSet: (message: Message) => isFieldSet(message, field) }];
  });
}

function fieldsOfResource(parent: DescField & { fieldKind: "message" }): SettableField[] {
  const settable = parent.message.fields.filter(
    (field) => !ASIDE.includes(field.name) && !getOption(field, field_behavior).some((given) => GIVEN.includes(given)),
  );
  return settable.map((field) => ({
    name: field.name,
    path: `${parent.name}.${field.name}`,
    isSet(request) {
      const message = (request as unknown as Record<string, Message | undefined>)[parent.localName];
      return message !== undefined && isFieldSet(message, field);
    },
  }));
}
