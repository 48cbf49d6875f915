import type { DescEnum } from "@bufbuild/protobuf";
import { NullValueSchema } from "@bufbuild/protobuf/wkt";
import { unfit } from "./problem.ts";
import type { ValueWriter } from "./value.ts";

/** Writes an enumeration's values by name, or all by number; a number without a name is written as it is. */
export function enumWriter(desc: DescEnum, asNumbers: boolean, field: string): ValueWriter {
  const isNull = desc.typeName === NullValueSchema.typeName;
  const names = new Map<number, string>();
  for (const { number } of asNumbers ? [] : desc.values)
    names.set(number, JSON.stringify(desc.value[number]?.jsonName));
  return (value) => {
    if (typeof value !== "number") throw unfit(field, `a number of ${desc.typeName}`, value);
    return isNull ? "null" : (names.get(value) ?? JSON.stringify(value));
  };
}
