/** A create's number, or its request_id, belongs to another create that stands: the last fence. */
export class CreateConflictError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "CreateConflictError";
  }
}

/** The database refuses a number that it has; within a batch nothing else would. */
export function checkIsNew(rows: ReadonlyMap<string, unknown>, name: string): void {
  if (rows.has(name)) throw new CreateConflictError(`${name} exists already`);
}
