import { DatabaseError, UniqueConstraintError, ValidationError } from "sequelize";
import { CreateConflictError } from "./create-conflict.ts";

/**
 * The databases' codes for "this row cannot be stored as it is": SQLite's primary codes, and MySQL's symbols. Any
 * other error may pass, and is waited out.
 */
const DATA_ERROR_CODES = new Set([
  "SQLITE_CONSTRAINT",
  "SQLITE_MISMATCH",
  "SQLITE_TOOBIG",
  "ER_DUP_ENTRY",
  "ER_DATA_TOO_LONG",
  "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD",
  "ER_WARN_DATA_OUT_OF_RANGE",
  "ER_BAD_NULL_ERROR",
  "ER_CHECK_CONSTRAINT_VIOLATED",
  "ER_CONSTRAINT_FAILED",
]);

/** Whether a batch failed for what is in it, so that trying it again is of no use. */
export function isDataError(error: unknown): boolean {
  if (error instanceof CreateConflictError) return true;
  if (error instanceof UniqueConstraintError || error instanceof ValidationError) return true;
  return error instanceof DatabaseError && DATA_ERROR_CODES.has((error.original as { code?: string }).code ?? "");
}
