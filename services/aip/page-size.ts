/** The number of resources on a page (AIP-158): `standard` where none was asked for, never above `max`. */
export function coercePageSize(requested: number, { standard, max }: { standard: number; max: number }): number {
  return requested === 0 ? standard : Math.min(requested, max);
}
