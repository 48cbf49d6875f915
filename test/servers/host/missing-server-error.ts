/** A server that cannot be had here. Its message names what was looked for, what was found, and how to get it. */
export class MissingServerError extends Error {
  override name = "MissingServerError";
}
