import type { DescMessage, Message, Registry } from "@bufbuild/protobuf";
import { JsonProblem } from "../text/problem.ts";
import { ObjectReader } from "./object.ts";
import { RequiredFields } from "./required-field.ts";
import type { ValueReader } from "./value.ts";
import { wellKnownReader } from "./well-known.ts";

export type JsonReadOptions = {
  /** The types of google.protobuf.Any and the extensions. Default: none. */
  readonly registry?: Registry;
  /** Whether fields that a message does not have are skipped. Default: they are refused. */
  readonly ignoreUnknownFields?: boolean;
};

/** The readers of message types, each made when it is first needed. */
export class MessageReaders {
  readonly registry: Registry | undefined;
  readonly ignoreUnknownFields: boolean;
  readonly #required = new RequiredFields();
  readonly #readers = new Map<DescMessage, ValueReader>();
  readonly #objects = new Map<DescMessage, ObjectReader>();

  constructor({ registry, ignoreUnknownFields = false }: JsonReadOptions) {
    this.registry = registry;
    this.ignoreUnknownFields = ignoreUnknownFields;
  }

  /** The reader of a type in the form that its JSON has. */
  of(desc: DescMessage): ValueReader {
    const known = this.#readers.get(desc);
    if (known !== undefined) return known;
    const reader = wellKnownReader(desc, this) ?? this.object(desc);
    this.#readers.set(desc, reader);
    return reader;
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
}
