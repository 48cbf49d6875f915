import type { DescEnum } from "@bufbuild/protobuf";
import { unexpected, type ValueWriter } from "./scalar-writer.ts";

/** Writes an enumeration's values by name, or all by number; a number without a name is written as it is. */
export function enumWriter(desc: DescEnum, asNumbers: boolean, field: string): ValueWriter {
  const isNull = desc.typeName === "google.protobuf.NullValue";
  const names = new Map<number, string>();
  for (const { number } of asNumbers ? [] : desc.values)
    names.set(number, JSON.stringify(desc.value[number]?.jsonName));
  return (value) => {
    if (typeof value !== "number") throw unexpected(field, `a number of ${desc.typeName}`, value);
    return isNull ? "null" : (names.get(value) ?? JSON.stringify(value));
  };
}
