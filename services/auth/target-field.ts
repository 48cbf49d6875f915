import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";

/** The field of a request that has the name of the resource it is about. */
export type TargetField = {
  /** Proto path, as in `parent` or `chat.name`. */
  path: string;
  /** The name in a request; "" where it has none. */
  read(message: Message): string;
};

/** `name` or `parent` of a request, else the `name` of the resource that it updates; undefined where it has none. */
export function findTargetField({ fields }: DescMessage): TargetField | undefined {
  const own = findText(fields, "name") ?? findText(fields, "parent");
  if (own) return { path: own.name, read: (message) => textIn(message, own) };
  if (!fields.some(({ name }) => name === "update_mask")) return undefined;
  for (const resource of fields) {
    const name = resource.fieldKind === "message" && findText(resource.message.fields, "name");
    if (name) {
      const read = (message: Message) => textIn(fieldValue(message, resource) as Message | undefined, name);
      return { path: `${resource.name}.${name.name}`, read };
    }
  }
  return undefined;
}

/** Reads a text field of a request; "" where it has no such field. */
export function readText({ fields }: DescMessage, name: string): (message: Message) => string {
  const field = findText(fields, name);
  return field ? (message) => textIn(message, field) : () => "";
}

function findText(fields: readonly DescField[], name: string): DescField | undefined {
  return fields.find((field) => field.name === name && field.fieldKind === "scalar");
}

function textIn(message: Message | undefined, field: DescField): string {
  return message ? (fieldValue(message, field) as string) : "";
}

function fieldValue(message: Message, { localName }: DescField): unknown {
  return (message as unknown as Record<string, unknown>)[localName];
}
