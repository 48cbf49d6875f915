import type { DescField, DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import type { LocalMessage } from "./local-message.ts";
import type { FieldReader } from "./read/field.ts";
import { type JsonReadOptions, MessageReaders } from "./read/message.ts";
import { JsonCursor } from "./text/cursor.ts";
import { JsonProblem } from "./text/problem.ts";
import { JsonReadError } from "./text/read-error.ts";

export type { JsonReadOptions } from "./read/message.ts";

/**
 * Reads messages from JSON (https://protobuf.dev/programming-guides/json) and fields from texts of URLs, by one set of
 * rules. Readers are compiled once for each message type, when it is first read.
 *
 * Stricter than protobuf-es: a name given twice is refused, and so is whatever is not exactly a value of its type.
 */
export class JsonReaders {
  readonly #readers: MessageReaders;

  constructor(options: JsonReadOptions = {}) {
    this.#readers = new MessageReaders(options);
  }

  /** Reads a message. It may lack `required` fields. @throws JsonReadError */
  readMessage<Desc extends DescMessage>(desc: Desc, text: string): MessageShape<Desc> {
    return read(text, (cursor) => this.#readers.of(desc).read(cursor)) as MessageShape<Desc>;
  }

  /**
   * Reads the value of a field, which is unset, into a message: the field's JSON is the whole text. Null is refused,
   * where it is no value of the field.
   *
   * @throws JsonReadError
   */
  readField(message: Message, field: DescField, text: string): void {
    const reader = this.#fieldReader(field);
    read(text, (cursor) => {
      if (cursor.atNull() && !reader.takesNull) throw new JsonProblem(`expected a value of ${field.name}, got null`);
      reader.read(message as LocalMessage, cursor);
    });
  }

  /** The fields of a message that its JSON names at the top, in this order. None of a type whose JSON is no object of its fields. */
  namedFields(desc: DescMessage, text: string): DescField[] {
    if (hasCustomJsonRepresentation(desc)) return [];
    return read(text, (cursor) => this.#readers.object(desc).readNames(cursor));
  }

  /**
   * Sets a field to a text of a URL or header; appends it to a list; puts it under a key of a map.
   *
   * @throws JsonProblem the text or the key is not the field's, or another field of its oneof is set
   */
  writeText(message: Message, field: DescField, text: string, key?: string): void {
    this.#fieldReader(field).write(message as LocalMessage, text, key);
  }

  /** The path of a `required` field of proto2 that is unset, in a message or those in it. */
  findMissing(desc: DescMessage, message: Message): string | undefined {
    return this.#readers.findMissing(desc, message);
  }

  #fieldReader(field: DescField): FieldReader {
    return this.#readers.object(field.parent).fields.get(field.jsonName) as FieldReader;
  }
}

function read<T>(text: string, readFrom: (cursor: JsonCursor) => T): T {
  const cursor = new JsonCursor(text);
  try {
    const value = readFrom(cursor);
    cursor.end();
    return value;
  } catch (error) {
    throw error instanceof JsonProblem ? new JsonReadError(error, text, cursor.start) : error;
  }
}
