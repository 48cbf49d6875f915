/** The error of what has no JSON. @param what the type or the field */
export function unwritable(what: string, reason: string): Error {
  return new Error(`cannot write ${what} as JSON: ${reason}`);
}

/** The error of a value that a field cannot hold. */
export function unfit(field: string, wanted: string, value: unknown): Error {
  return unwritable(field, `expected ${wanted}, got ${value === null ? "null" : typeof value}`);
}
