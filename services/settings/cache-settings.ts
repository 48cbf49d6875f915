import { duration } from "./duration.ts";
import { integer } from "./setting-types.ts";

/** How long, and how many, facts are held. */
export const CACHE_SETTINGS = {
  CACHE_PROFILE_TTL: duration("30m", { max: "1d" }),
  CACHE_CHAT_TTL: duration("10m", { max: "1d" }),
  CACHE_MESSAGE_TTL: duration("5m", { max: "1d" }),
  CACHE_ENTRIES_MAX: integer(100_000, 10, 10_000_000),
};
