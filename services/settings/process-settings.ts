import { z } from "zod";
import { duration } from "./duration.ts";
import { flag } from "./setting-types.ts";

/** How a process ends, and what it logs. */
export const PROCESS_SETTINGS = {
  SHUTDOWN_TIMEOUT: duration("15s"),
  LOG_LEVEL: z
    .enum(
      ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
      "must be trace, debug, info, warn, error, fatal or silent",
    )
    .default("info"),
  LOG_FILE: z.string().min(1).optional(),
  LOG_PRETTY: flag(false),
};
