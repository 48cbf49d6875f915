import type { Duration } from "@bufbuild/protobuf/wkt";
import { millisFromDuration } from "../aip/duration.ts";
import { invalidFields } from "../rpc/errors.ts";
import { ACCESS_TOKEN_TTL_MAX_MS } from "../token/access-token-ttl.ts";

const MIN_MS = 1_000;

/** How long an access token is asked to work, in milliseconds; undefined where it is not said. INVALID_ARGUMENT. */
export function accessTtlOf(ttl: Duration | undefined): number | undefined {
  if (ttl === undefined) return undefined;
  const millis = millisFromDuration(ttl);
  if (millis >= MIN_MS && millis <= ACCESS_TOKEN_TTL_MAX_MS) return Math.floor(millis);
  throw invalidFields([
    { field: "access_token_ttl", description: `must be from 1 second to ${ACCESS_TOKEN_TTL_MAX_MS / 60_000} minutes` },
  ]);
}
