import type { TypeCastField, TypeCastNext } from "mysql2";

/** Gives BIGINT as a number, and throws where that would not be exact: above 2⁵³. Any other type is as mysql2 gives it. */
export function castSafely(field: TypeCastField, next: TypeCastNext): unknown {
  if (field.type !== "LONGLONG") return next();
  const text = field.string();
  if (text === null) return null;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${field.table}.${field.name} holds ${text}, which is beyond what a number can hold`);
}
