import type { DescMessage, Registry } from "@bufbuild/protobuf";
import { objectWriter } from "./object.ts";
import type { MessageWriter } from "./value.ts";
import { wellKnownWriter } from "./well-known.ts";

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

/** The writers of message types, each made when it is first needed. */
export class MessageWriters {
  readonly options: JsonWriteOptions;
  readonly #writers = new Map<DescMessage, MessageWriter>();

  constructor(options: JsonWriteOptions) {
    this.options = options;
  }

  /** The writer of a type in the form that its JSON has. */
  of(desc: DescMessage): MessageWriter {
    const known = this.#writers.get(desc);
    if (known !== undefined) return known;
    const writer = wellKnownWriter(desc, this) ?? objectWriter(desc, this);
    this.#writers.set(desc, writer);
    return writer;
  }
}
