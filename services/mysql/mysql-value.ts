import type { FieldPacket, RowDataPacket } from "mysql2";

/** The type of a BIGINT in the protocol; mysql2 has it where an ES module cannot import it. */
const LONGLONG = 8;

/**
 * How connections read BIGINT: as a number, and as text where that would not be exact. A `typeCast`, which could refuse it
 * at once, is called for every value of every row.
 */
export const READ_BIGINT = { typeCast: true, supportBigNumbers: true };

/** What is wrong with rows that were read so: a BIGINT that no number can hold, beyond 2⁵³. */
export function findUnsafeValue(
  rows: readonly RowDataPacket[],
  fields: readonly FieldPacket[],
): RangeError | undefined {
  for (const { columnType, table, name } of fields) {
    if (columnType !== LONGLONG) continue;
    const unsafe = rows.find((row) => typeof row[name] === "string");
    if (unsafe) return new RangeError(`${table}.${name} holds ${unsafe[name]}, which is beyond what a number can hold`);
  }
  return undefined;
}
