/** What a user calls with: a JWT, and until when it works, in milliseconds since 1970. */
export type AccessToken = { token: string; expireTimeMs: number };
