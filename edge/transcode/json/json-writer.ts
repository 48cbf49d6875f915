import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { fieldWriter } from "./write/field.ts";
import { type JsonWriteOptions, MessageWriters } from "./write/message.ts";
import { ofType } from "./write/message-type.ts";
import type { MessageWriter } from "./write/value.ts";

export type { JsonWriteOptions } from "./write/message.ts";

/**
 * Writers of messages as JSON text, compiled once a type, at its first message. The text says what protobuf-es's toJson
 * says, in the same order; what toJson refuses is an error here too.
 */
export class JsonWriters {
  readonly #writers: MessageWriters;

  constructor(options: JsonWriteOptions = {}) {
    this.#writers = new MessageWriters(options);
  }

  /** The writer of a message type. */
  message(desc: DescMessage): MessageWriter {
    return this.#writers.of(desc);
  }

  /**
   * The writer of one field of a message as a document of its own. A field that is not set is its default: `[]`, `{}`
   * or the zero of its type. One with presence has none and is `null`, but for a message, which is `{}` if its type is
   * written as an object of its fields.
   */
  field(field: DescField): MessageWriter {
    const write = fieldWriter(field, this.#writers, true);
    const isObject = field.fieldKind === "message" && !hasCustomJsonRepresentation(field.message);
    const unset = isObject ? "{}" : "null";
    return (message) => write(ofType(field.parent, message)) ?? unset;
  }
}
