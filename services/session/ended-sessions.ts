import { ACCESS_TOKEN_TTL_MAX_MS } from "../token/access-token-ttl.ts";

/** How long an ended session is told of, in milliseconds: longer than any access token is valid, as clocks differ. */
export const ENDED_SESSION_MS = ACCESS_TOKEN_TTL_MAX_MS + 5 * 60_000;

/** Ended sessions of a user that are told of, the last ones: each process keeps them, and looks through them with every call. */
export const ENDED_SESSIONS_MAX = 200;
