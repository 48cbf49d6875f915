import type { DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { fieldWriter, type Holder } from "./field-writer.ts";
import { objectWriter } from "./message-writer.ts";
import { type MessageWriter, ofType, type WriterScope } from "./value-writer.ts";
import { wellKnownWriter } from "./well-known-writer.ts";

export type JsonWriteOptions = {
  /** The types that a google.protobuf.Any can hold, and the extensions; default none. */
  readonly registry?: Registry;
  /** Enumerations by number; default false, by name. */
  readonly enumsAsNumbers?: boolean;
  /** Fields without presence that hold their default are written too; default false, left out. */
  readonly printDefaults?: boolean;
  /** Fields under their names in the proto; default false, under their JSON names. */
  readonly protoNames?: boolean;
};

/**
 * Writers of messages as JSON text, compiled once a type, at its first message. The text says what protobuf-es's toJson
 * says, in the same order; what toJson refuses is an error here too.
 */
export class JsonWriters {
  readonly #scope: WriterScope;
  readonly #writers = new Map<DescMessage, MessageWriter>();

  constructor(options: JsonWriteOptions = {}) {
    this.#scope = { options, message: (desc) => this.message(desc) };
  }

  /** The writer of a message type. */
  message(desc: DescMessage): MessageWriter {
    const known = this.#writers.get(desc);
    if (known !== undefined) return known;
    const writer = wellKnownWriter(desc, this.#scope) ?? objectWriter(desc, this.#scope);
    this.#writers.set(desc, writer);
    return writer;
  }

  /**
   * The writer of one field of a message as a document of its own. A field that is not set is its default: `[]`, `{}`
   * or the zero of its type. One with presence has none and is `null`, but for a message, which is `{}` if its type is
   * written as an object of its fields.
   */
  field(field: DescField): MessageWriter {
    const write = fieldWriter(field, this.#scope, true);
    const isObject = field.fieldKind === "message" && !hasCustomJsonRepresentation(field.message);
    const unset = isObject ? "{}" : "null";
    return (message) => write(ofType(field.parent, message) as unknown as Holder) ?? unset;
  }
}
