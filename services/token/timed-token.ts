/** A secret that is given once, and until when it works, in milliseconds since 1970. */
export type TimedToken = { token: string; expireTimeMs: number };
