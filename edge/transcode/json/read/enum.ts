import type { DescEnum } from "@bufbuild/protobuf";
import { NullValueSchema } from "@bufbuild/protobuf/wkt";
import type { JsonCursor } from "../text/cursor.ts";
import { isNumber, toInteger } from "../text/number.ts";
import { unexpected, unexpectedText } from "../text/problem.ts";
import type { ValueReader } from "./value.ts";

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** Reads an enum's values, which JSON writes as names or numbers. An open enum has numbers without a name, too. */
export class EnumReader implements ValueReader {
  /** It is google.protobuf.NullValue. */
  readonly takesNull: boolean;
  readonly #wanted: string;
  readonly #numbers: ReadonlyMap<string, number>;
  /** The numbers that it has; undefined of an open enum, which has all. */
  readonly #known: ReadonlySet<number> | undefined;

  constructor(desc: DescEnum) {
    this.takesNull = desc.typeName === NullValueSchema.typeName;
    this.#wanted = `${describe(desc)}, or its number`;
    const numbers = new Map(desc.values.map(({ jsonName, number }) => [jsonName, number]));
    for (const { name, number } of desc.values) numbers.set(name, number);
    this.#numbers = numbers;
    this.#known = desc.open ? undefined : new Set(numbers.values());
  }

  read(cursor: JsonCursor): number {
    const kind = cursor.kind();
    if (kind === "string") return this.#byName(cursor.readString());
    if (kind === "number") return this.#byNumber(cursor.readNumber());
    if (kind !== "null" || !this.takesNull) throw cursor.mismatch(this.#wanted);
    cursor.readLiteral(kind);
    return 0;
  }

  parse(text: string): number {
    return isNumber(text) && !this.#numbers.has(text) ? this.#byNumber(text) : this.#byName(text);
  }

  #byName(name: string): number {
    const number = this.#numbers.get(name);
    if (number === undefined) throw unexpectedText(this.#wanted, name);
    return number;
  }

  /** @param token a JSON number */
  #byNumber(token: string): number {
    const value = toInteger(token);
    if (value === undefined || value < INT32_MIN || value > INT32_MAX) throw unexpected(this.#wanted, token);
    const number = Number(value);
    if (this.#known?.has(number) === false) throw unexpected(this.#wanted, token);
    return number;
  }
}

/** "COLOR_RED, COLOR_GREEN or COLOR_BLUE", of a long enum only its type. */
function describe(desc: DescEnum): string {
  const names = desc.values.map((value) => value.name);
  const last = names.pop();
  const list = names.length === 0 ? `${last}` : `${names.join(", ")} or ${last}`;
  return list.length > 200 ? `a value of ${desc.typeName}` : list;
}
