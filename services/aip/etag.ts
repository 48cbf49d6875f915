/**
 * The etag of a resource's state (AIP-154). It changes with every revision; the update time tells a restored
 * backup's revision from the one that was lost.
 */
export function formatEtag({ revision, updateTimeMs }: { revision: number; updateTimeMs: number }): string {
  return `${revision.toString(36)}-${updateTimeMs.toString(36)}`;
}

/** The revision that an etag tells of. */
export function revisionOf(etag: string): number {
  return Number.parseInt(etag, 36);
}
