import { create, type DescField, type DescMessage, type Message } from "@bufbuild/protobuf";
import { describeUnknownField } from "../../unknown-field.ts";
import type { LocalMessage } from "../local-message.ts";
import type { JsonCursor } from "../text/cursor.ts";
import { givenTwice, JsonProblem, notOneText } from "../text/problem.ts";
import { readExtension } from "./extension.ts";
import { compileFields, type FieldReader } from "./field.ts";
import type { MessageReaders } from "./message.ts";
import { readJson } from "./struct.ts";
import type { ValueReader } from "./value.ts";

/** Reads messages of a type whose JSON is an object of its fields, by their proto or JSON names. */
export class ObjectReader implements ValueReader {
  readonly takesNull = false;
  readonly #desc: DescMessage;
  readonly #readers: MessageReaders;
  #compiled: ReadonlyMap<string, FieldReader> | undefined;

  constructor(desc: DescMessage, readers: MessageReaders) {
    this.#desc = desc;
    this.#readers = readers;
  }

  /** The readers of its fields by proto and JSON names. */
  get fields(): ReadonlyMap<string, FieldReader> {
    this.#compiled ??= compileFields(this.#desc, this.#readers);
    return this.#compiled;
  }

  read(cursor: JsonCursor): Message {
    return this.readObject(cursor, false);
  }

  parse(_text: string): never {
    throw notOneText(this.#desc.typeName);
  }

  /** @param typed it is the content of a google.protobuf.Any, and has `"@type"` beside the fields */
  readObject(cursor: JsonCursor, typed: boolean): Message {
    const { fields } = this;
    const message = create(this.#desc) as LocalMessage;
    /** A bit for each of the first fields; the other names. */
    let seen = 0;
    let others: Set<string> | undefined;
    let more = cursor.openObject();
    while (more) {
      const key = cursor.readKey();
      const field = fields.get(key);
      if (field !== undefined && field.bit !== 0) {
        if ((seen & field.bit) !== 0) throw givenTwice(field.field.name);
        seen |= field.bit;
        field.read(message, cursor);
      } else {
        others = addName(others, field?.field.name ?? key);
        if (field !== undefined) field.read(message, cursor);
        else if (typed && key === "@type") cursor.readString();
        else this.#readUnknown(message, key, cursor);
      }
      more = cursor.nextMember();
    }
    return message;
  }

  /** The fields that the object names, in its order. */
  readNames(cursor: JsonCursor): DescField[] {
    const named: DescField[] = [];
    let more = cursor.openObject();
    while (more) {
      const reader = this.fields.get(cursor.readKey());
      if (reader !== undefined) named.push(reader.field);
      readJson(cursor);
      more = cursor.nextMember();
    }
    return named;
  }

  #readUnknown(message: LocalMessage, key: string, cursor: JsonCursor): void {
    if (readExtension(message, this.#desc, key, cursor, this.#readers)) return;
    if (!this.#readers.ignoreUnknownFields) {
      throw new JsonProblem(describeUnknownField(this.#desc, key));
    }
    readJson(cursor);
  }
}

function addName(names: Set<string> | undefined, name: string): Set<string> {
  if (names?.has(name)) throw givenTwice(name);
  return (names ?? new Set()).add(name);
}
