import type { DescEnum } from "@bufbuild/protobuf";
import type { JsonCursor } from "./json-cursor.ts";
import { isNumber, toInteger } from "./json-number.ts";
import { unexpected } from "./json-problem.ts";
import type { ValueReader } from "./value-reader.ts";

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/** Reads an enum's values, which JSON writes as names or numbers. An open enum has numbers without a name, too. */
export function enumReader(desc: DescEnum): ValueReader {
  const names = new Map(desc.values.map((value) => [value.jsonName, value.number]));
  for (const value of desc.values) names.set(value.name, value.number);
  const known = new Set(names.values());
  const isNull = desc.typeName === "google.protobuf.NullValue";
  const refuse = (got: string) => unexpected(`${describe(desc)}, or its number`, got);
  const toNumber = (token: string): number => {
    const value = toInteger(token);
    if (value === undefined || value < INT32_MIN || value > INT32_MAX) throw refuse(token);
    if (!desc.open && !known.has(Number(value))) throw refuse(token);
    return Number(value);
  };
  return {
    read: (cursor: JsonCursor) => {
      const kind = cursor.kind();
      if (kind === "number") return toNumber(cursor.readNumber());
      if (kind === "null" && isNull) {
        cursor.readLiteral(kind);
        return 0;
      }
      if (kind !== "string") throw cursor.mismatch(`${describe(desc)}, or its number`);
      const name = cursor.readString();
      const value = names.get(name);
      if (value === undefined) throw refuse(JSON.stringify(name));
      return value;
    },
    parse: (text: string) => {
      const value = names.get(text);
      if (value !== undefined) return value;
      if (isNumber(text)) return toNumber(text);
      throw refuse(JSON.stringify(text));
    },
    takesNull: isNull,
  };
}

/** "COLOR_RED, COLOR_GREEN or COLOR_BLUE", of a long enum only its type. */
function describe(desc: DescEnum): string {
  const names = desc.values.map((value) => value.name);
  const last = names.pop();
  const list = names.length === 0 ? `${last}` : `${names.join(", ")} or ${last}`;
  return list.length > 200 ? `a value of ${desc.typeName}` : list;
}
