import type { DescMessage } from "@bufbuild/protobuf";
import { quote } from "./quoted.ts";

/** Fields that a message about another one names. */
const MAX_FIELDS = 12;

/** What to tell of a field that a message does not have: which ones it has, by their JSON names. */
export function describeUnknownField({ typeName, fields }: DescMessage, name: string): string {
  const names = fields.slice(0, MAX_FIELDS).map(({ jsonName }) => jsonName);
  const more = fields.length > names.length ? ", …" : "";
  return `${typeName} has no field ${quote(name)}; it has ${names.join(", ") || "none"}${more}`;
}
