/** The arguments of a command make no sense. */
export class UsageError extends Error {}

/** Whether a command was called wrongly, as parseArgs may find out, too. */
export function isUsageError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return error instanceof UsageError || (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS"));
}
