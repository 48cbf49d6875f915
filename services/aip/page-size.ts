/** How many resources a page has where the request does not say, and at most. */
export type PageSizes = { standard: number; max: number };

/** The number of resources on a page (AIP-158): `standard` where none was asked for, never above `max`. */
export function coercePageSize(requested: number, { standard, max }: PageSizes): number {
  return Math.min(requested === 0 ? standard : requested, max);
}
