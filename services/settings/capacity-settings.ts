import { duration } from "./duration.ts";
import { integer, MiB } from "./setting-types.ts";

/** How much a call may need, and how much there may be at once. */
export const CAPACITY_SETTINGS = {
  REQUEST_MAX_BYTES: integer(256 * 1_024, 1_024, 64 * MiB),
  REQUEST_TIMEOUT: duration("30s", { min: "1ms", max: "5m" }),
  MEMBERS_MAX: integer(5_000, 1, 1_000_000),
  PAGE_SIZE_DEFAULT: integer(50, 1, 10_000),
  PAGE_SIZE_MAX: integer(500, 1, 10_000),
  CALLS_MAX: integer(10_000, 1, 1_000_000),
  PENDING_WRITES_MAX: integer(20_000, 1, 1_000_000),
  PENDING_BYTES_MAX: integer(64 * MiB, MiB, 4_096 * MiB),
  GROUP_MESSAGES_MAX: integer(1_000, 1, 3_500),
  GROUP_BYTES_MAX: integer(4 * MiB, 64 * 1_024, 64 * MiB),
  QUEUE_BYTES_MAX: integer(1_024 * MiB, MiB, 1_048_576 * MiB),
  RECENT_BYTES_MAX: integer(64 * MiB, 0, 65_536 * MiB),
};
