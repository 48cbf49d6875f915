import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";
import type { QuotaName, Usage } from "./quota.ts";

/** Headers of an answer that say how much of a quota is left, and what it is. */
export const RATE_LIMIT_HEADERS = ["ratelimit", "ratelimit-policy"] as const;

/** Whose calls a quota counts, and of what kind. */
const COUNTED: Readonly<Record<QuotaName, string>> = {
  "user-messages-minute": "messages of this user",
  "user-messages-day": "messages of this user",
  "user-calls-minute": "calls of this user",
  "application-calls-minute": "calls of this application",
  "address-calls-minute": "calls from this address",
  "slow-mode": "messages of this user in this chat",
  "login-account": "attempts to log in to this account",
  "login-address": "attempts to log in from this address",
  "mail-account": "mails to this account",
  "mail-address": "mails asked for from this address",
};

/** What else helps whom a quota refuses. */
const WAYS_OUT: Readonly<Partial<Record<QuotaName, string>>> = {
  "login-account": ", or set a new password by RequestPasswordReset",
};

/** RESOURCE_EXHAUSTED: a quota is used up. A RetryInfo and the metadata `retry-after` say when its window ends. */
export function rateLimited(usage: Usage): ConnectError {
  const { quota, resetMs } = usage;
  const seconds = toSeconds(resetMs);
  const error = rpcError(
    Code.ResourceExhausted,
    ErrorReason.RATE_LIMITED,
    `too many ${COUNTED[quota.name]}: ${quota.max} in ${toSeconds(quota.windowMs)} s is the limit; ` +
      `repeat the call in ${seconds} s${WAYS_OUT[quota.name] ?? ""}`,
    { limit: quota.name },
  );
  const retryDelay = create(DurationSchema, { seconds: BigInt(seconds) });
  error.details.push({ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) });
  error.metadata.set("retry-after", String(seconds));
  tellUsage(usage, error.metadata);
  return error;
}

/**
 * Says in headers how much of a quota is left: of `"name";r=remaining;t=seconds`, and `"name";q=max;w=seconds`.
 * Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function tellUsage({ quota, remaining, resetMs }: Usage, headers: Headers): void {
  headers.set(RATE_LIMIT_HEADERS[0], `"${quota.name}";r=${remaining};t=${toSeconds(resetMs)}`);
  headers.set(RATE_LIMIT_HEADERS[1], `"${quota.name}";q=${quota.max};w=${toSeconds(quota.windowMs)}`);
}

/** Rounded up, so that who waits that long has waited long enough. */
function toSeconds(ms: number): number {
  return Math.max(Math.ceil(ms / 1_000), 1);
}
