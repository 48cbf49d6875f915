/** Longest life of an access token, in milliseconds: as long does what a token says count at most, whatever changes. */
export const ACCESS_TOKEN_TTL_MAX_MS = 15 * 60_000;
