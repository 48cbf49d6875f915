import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

/** Finds the `required` fields of proto2 that a message leaves unset. */
export class RequiredFields {
  readonly #holds = new Map<DescMessage, boolean>();

  /** The path of the first one, in the message or those in it; undefined where there is none. */
  findMissing(desc: DescMessage, message: Message): string | undefined {
    return this.#holdsRequired(desc) ? this.#find(reflect(desc, message), "") : undefined;
  }

  #find(message: ReflectMessage, prefix: string): string | undefined {
    for (const field of message.fields) {
      const path = prefix + field.name;
      const set = message.isSet(field);
      if (!set && isRequired(field)) return path;
      if (!set || field.message === undefined || !this.#holdsRequired(field.message)) continue;
      for (const [place, child] of childrenOf(message, field)) {
        const missing = this.#find(child, `${path}${place}.`);
        if (missing !== undefined) return missing;
      }
    }
    return undefined;
  }

  #holdsRequired(desc: DescMessage): boolean {
    const known = this.#holds.get(desc);
    if (known !== undefined) return known;
    const holds = holdsRequired(desc, new Set());
    this.#holds.set(desc, holds);
    return holds;
  }
}

function holdsRequired(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return false;
  seen.add(desc);
  return desc.fields.some(
    (field) => isRequired(field) || (field.message !== undefined && holdsRequired(field.message, seen)),
  );
}

function isRequired({ presence }: DescField): boolean {
  return presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
}

/** The messages in a field, with their index or key in brackets. */
function childrenOf(message: ReflectMessage, field: DescField): [place: string, child: ReflectMessage][] {
  switch (field.fieldKind) {
    case "message":
      return [["", message.get(field)]];
    case "list":
      return [...message.get(field)].map((child, index) => [`[${index}]`, child as ReflectMessage]);
    case "map":
      return [...message.get(field)].map(([key, child]) => [`[${key}]`, child as ReflectMessage]);
    default:
      return [];
  }
}
