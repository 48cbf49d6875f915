import { ConnectionError, DatabaseError, UniqueConstraintError, ValidationError } from "sequelize";
import { expect, test } from "vitest";
import { CreateConflictError } from "../../../services/writer/create-conflict.ts";
import { isDataError } from "../../../services/writer/data-error.ts";
import { PositionMovedError } from "../../../services/writer/writer-position.ts";

const databaseError = (code: string) => new DatabaseError(Object.assign(new Error(code), { code, sql: "" }));

test.each([
  new CreateConflictError("taken"),
  new UniqueConstraintError({}),
  new ValidationError("null", []),
  databaseError("SQLITE_TOOBIG"),
  databaseError("SQLITE_MISMATCH"),
  databaseError("ER_DATA_TOO_LONG"),
  databaseError("ER_DUP_ENTRY"),
])("%s is the data's fault", (error) => {
  expect(isDataError(error)).toBe(true);
});

test.each([
  new Error("anything"),
  new PositionMovedError(1),
  new ConnectionError(new Error("away")),
  databaseError("SQLITE_FULL"),
  databaseError("SQLITE_IOERR"),
  databaseError("ER_LOCK_DEADLOCK"),
  new DatabaseError(Object.assign(new Error("without a code"), { sql: "" })),
])("%s may pass", (error) => {
  expect(isDataError(error)).toBe(false);
});
