import { create, type DescMessage, type Message, type Registry } from "@bufbuild/protobuf";
import {
  AnySchema,
  DurationSchema,
  FieldMaskSchema,
  isWrapperDesc,
  ListValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
  type WktWrapperDesc,
} from "@bufbuild/protobuf/wkt";
import { readAny } from "./any-reader.ts";
import { fieldMaskReader } from "./field-mask-reader.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { JsonProblem, notOneText } from "./json-problem.ts";
import { ObjectReader } from "./object-reader.ts";
import { RequiredFields } from "./required-field.ts";
import { scalarReader } from "./scalar-reader.ts";
import { readListValue, readStruct, readValue } from "./struct-reader.ts";
import { durationReader, timestampReader } from "./time-reader.ts";
import type { ValueReader } from "./value-reader.ts";

export type JsonReadOptions = {
  /** The types of google.protobuf.Any and the extensions. Default: none. */
  readonly registry?: Registry;
  /** Whether fields that a message does not have are skipped. Default: they are refused. */
  readonly ignoreUnknownFields?: boolean;
};

/** The readers of messages, each made when it is first needed. */
export class MessageReaders {
  readonly registry: Registry | undefined;
  readonly ignoreUnknownFields: boolean;
  readonly #required = new RequiredFields();
  readonly #wellKnown = new Map<string, ValueReader>();
  readonly #objects = new Map<DescMessage, ObjectReader>();
  readonly #wrappers = new Map<DescMessage, ValueReader>();

  constructor({ registry, ignoreUnknownFields = false }: JsonReadOptions) {
    this.registry = registry;
    this.ignoreUnknownFields = ignoreUnknownFields;
    this.#wellKnown
      .set(TimestampSchema.typeName, timestampReader)
      .set(DurationSchema.typeName, durationReader)
      .set(FieldMaskSchema.typeName, fieldMaskReader)
      .set(StructSchema.typeName, jsonReader(StructSchema, readStruct))
      .set(ListValueSchema.typeName, jsonReader(ListValueSchema, readListValue))
      .set(ValueSchema.typeName, { ...jsonReader(ValueSchema, readValue), takesNull: true })
      .set(
        AnySchema.typeName,
        jsonReader(AnySchema, (cursor) => readAny(cursor, this)),
      );
  }

  /** The reader of a type in the form that its JSON has. */
  of(desc: DescMessage): ValueReader {
    return this.#wellKnown.get(desc.typeName) ?? (isWrapperDesc(desc) ? this.#wrapper(desc) : this.object(desc));
  }

  /** The reader of a type whose JSON is an object of its fields. */
  object(desc: DescMessage): ObjectReader {
    const reader = this.#objects.get(desc) ?? new ObjectReader(desc, this);
    this.#objects.set(desc, reader);
    return reader;
  }

  /** The path of the first `required` field of proto2 that is unset, in the message or those in it. */
  findMissing(desc: DescMessage, message: Message): string | undefined {
    return this.#required.findMissing(desc, message);
  }

  /** Requires the `required` fields of proto2. @throws JsonProblem naming the first that is unset */
  requireFields(desc: DescMessage, message: Message): void {
    const missing = this.findMissing(desc, message);
    if (missing !== undefined) throw new JsonProblem(`${missing} is required`);
  }

  #wrapper(desc: WktWrapperDesc): ValueReader {
    const reader = this.#wrappers.get(desc) ?? wrapperReader(desc);
    this.#wrappers.set(desc, reader);
    return reader;
  }
}

function jsonReader(desc: DescMessage, read: (cursor: JsonCursor) => Message): ValueReader {
  const parse = () => {
    throw notOneText(desc.typeName);
  };
  return { read, parse, takesNull: false };
}

function wrapperReader(desc: WktWrapperDesc): ValueReader {
  const [field] = desc.fields;
  const { read, parse } = scalarReader(field.scalar, field.longAsString);
  return {
    read: (cursor) => create(desc, { value: read(cursor) }),
    parse: (text) => create(desc, { value: parse(text) }),
    takesNull: false,
  };
}
