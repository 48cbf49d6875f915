import { duration } from "./duration.ts";

/** How long writes are remembered, waited for and kept. */
export const WRITE_SETTINGS = {
  REQUEST_ID_TTL: duration("24h", { min: "1ms", max: "365d" }),
  COUNT_INTERVAL: duration("5m", { min: "10ms", max: "1h" }),
  RETENTION: duration("1h", { min: "1s", max: "30d" }),
  PUBLISH_TIMEOUT: duration("5s", { min: "100ms", max: "1m" }),
  EPOCH_WAIT: duration("2s", { min: "10ms", max: "1m" }),
  LEASE_TTL: duration("5s", { min: "100ms", max: "5m" }),
};
