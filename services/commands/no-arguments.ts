/**
 * For a command that takes no arguments: where it was given any, its usage is printed, and the exit code is 2, or 0 where
 * help was asked for. Whether it was given none.
 */
export function takesNoArguments(parameters: readonly string[], usage: string): boolean {
  if (parameters.length === 0) return true;
  process.stderr.write(`${usage}\n`);
  process.exitCode = parameters.every((parameter) => parameter === "--help" || parameter === "-h") ? 0 : 2;
  return false;
}
