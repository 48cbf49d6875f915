import { limit, whenAway } from "./setting-types.ts";

/** How often callers may call, and what becomes of that without Redis. */
export const LIMIT_SETTINGS = {
  USER_MESSAGES_PER_MINUTE: limit(60),
  USER_MESSAGES_PER_DAY: limit(1_000),
  USER_CALLS_PER_MINUTE: limit(600),
  APPLICATION_CALLS_PER_MINUTE: limit(6_000_000),
  ADDRESS_CALLS_PER_MINUTE: limit(6_000),
  LOGIN_ATTEMPTS: limit(10),
  LOGIN_ATTEMPTS_PER_ADDRESS: limit(100),
  LIMITS_AWAY_MESSAGES: whenAway("open"),
  LIMITS_AWAY_LOGINS: whenAway("closed"),
};
