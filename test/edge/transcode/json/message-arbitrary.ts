import {
  create,
  type DescExtension,
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
  type Registry,
  setExtension,
} from "@bufbuild/protobuf";
import { type AnySchema, anyPack, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { enumOf, mapKeyOf, scalarOf } from "./scalar-arbitrary.ts";
import { jsonObject, wellKnownOf } from "./well-known-arbitrary.ts";

export type MessageOptions = {
  /** How many messages may stand inside one another; default 3. */
  readonly depth?: number;
  /** The types of google.protobuf.Any and the extensions; default none: an Any is empty. */
  readonly registry?: Registry;
  /** Strings that are no valid UTF-16, which the binary form cannot hold; default false. */
  readonly loneSurrogates?: boolean;
};

/** Messages of a type that have JSON: every field of every kind, set or not, and what is required set. */
export function messageOf<Desc extends DescMessage>(
  desc: Desc,
  options: MessageOptions = {},
): fc.Arbitrary<MessageShape<Desc>> {
  return new Messages(options).at(desc, options.depth ?? 3) as fc.Arbitrary<MessageShape<Desc>>;
}

type AnyField = DescField | DescExtension;
type ExtensionValue = readonly [extension: DescExtension, value: unknown];

/** google.protobuf.FeatureSet.FieldPresence.LEGACY_REQUIRED. */
const LEGACY_REQUIRED = 3;

class Messages {
  readonly #options: MessageOptions;
  readonly #loneSurrogates: boolean;
  readonly #made = new Map<string, fc.Arbitrary<Message>>();

  constructor(options: MessageOptions) {
    this.#options = options;
    this.#loneSurrogates = options.loneSurrogates ?? false;
  }

  /** Messages with `depth` levels, this one counted. */
  at(desc: DescMessage, depth: number): fc.Arbitrary<Message> {
    const key = `${depth} ${desc.typeName}`;
    const made = this.#made.get(key) ?? this.#make(desc, depth);
    this.#made.set(key, made);
    return made;
  }

  #make(desc: DescMessage, depth: number): fc.Arbitrary<Message> {
    if (desc.typeName === "google.protobuf.Any") return this.#any(desc as typeof AnySchema, depth);
    return wellKnownOf(desc.typeName, this.#loneSurrogates) ?? this.#fields(desc, depth);
  }

  #any(desc: typeof AnySchema, depth: number): fc.Arbitrary<Message> {
    const types = depth > 1 ? [...(this.#options.registry ?? [])].filter((type) => type.kind === "message") : [];
    const packed = types.map((type) => this.at(type, depth - 1).map((message) => anyPack(type, message)));
    return fc.oneof(fc.constant(create(desc)), ...packed);
  }

  #fields(desc: DescMessage, depth: number): fc.Arbitrary<Message> {
    const fields: Record<string, fc.Arbitrary<unknown>> = {};
    const requiredKeys: string[] = [];
    for (const member of desc.members) {
      const value = member.kind === "oneof" ? this.#oneof(member.fields, depth) : this.#field(member, depth);
      if (value !== undefined) fields[member.localName] = value;
      if (member.kind === "field" && member.presence === LEGACY_REQUIRED) requiredKeys.push(member.localName);
    }
    return fc
      .tuple(fc.record(fields, { requiredKeys }), this.#extensions(desc, depth))
      .map(([init, extensions]) => extend(create(desc, init), extensions));
  }

  #oneof(fields: readonly DescField[], depth: number): fc.Arbitrary<unknown> | undefined {
    const cases = fields.flatMap((field) => {
      const value = this.#field(field, depth);
      return value === undefined ? [] : [value.map((set) => ({ case: field.localName, value: set }))];
    });
    return cases.length === 0 ? undefined : fc.oneof(...cases);
  }

  #extensions(desc: DescMessage, depth: number): fc.Arbitrary<readonly ExtensionValue[]> {
    const choices: fc.Arbitrary<readonly ExtensionValue[]>[] = [];
    for (const type of this.#options.registry ?? []) {
      if (type.kind !== "extension" || type.extendee.typeName !== desc.typeName) continue;
      const value = this.#field(type, depth);
      if (value === undefined) continue;
      choices.push(
        fc.oneof(
          fc.constant([]),
          value.map((set): ExtensionValue[] => [[type, set]]),
        ),
      );
    }
    return fc.tuple(...choices).map((chosen) => chosen.flat());
  }

  /** What a field holds in protobuf-es. Undefined where no level is left for its messages. */
  #field(field: AnyField, depth: number): fc.Arbitrary<unknown> | undefined {
    const value = this.#value(field, depth);
    if (value === undefined || (field.fieldKind !== "list" && field.fieldKind !== "map")) return value;
    if (field.fieldKind === "list") return fc.array(value, { maxLength: 3 });
    const entry = fc.tuple(mapKeyOf(field.mapKey, this.#loneSurrogates), value);
    return fc.array(entry, { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
  }

  #value(field: AnyField, depth: number): fc.Arbitrary<unknown> | undefined {
    if (field.enum !== undefined) return enumOf(field.enum);
    if (field.scalar !== undefined) return this.#scalar(field);
    if (depth <= 1 || field.message === undefined) return undefined;
    if (field.message.typeName === "google.protobuf.Struct" && field.parent?.typeName !== "google.protobuf.Value") {
      return jsonObject(this.#loneSurrogates);
    }
    const unwrapped = field.fieldKind === "message" && field.oneof === undefined && isWrapperDesc(field.message);
    return unwrapped ? this.#scalar(field.message.fields[0]!) : this.at(field.message, depth - 1);
  }

  #scalar(field: AnyField): fc.Arbitrary<unknown> {
    const value = scalarOf(field.scalar!, this.#loneSurrogates);
    const longAsString = "longAsString" in field && field.longAsString;
    return longAsString ? value.map(String) : value;
  }
}

function extend(message: Message, values: readonly ExtensionValue[]): Message {
  for (const [extension, value] of values) setExtension(message, extension, value as never);
  return message;
}
