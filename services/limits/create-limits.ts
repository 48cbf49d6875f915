import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { Facts } from "../facts/facts.ts";
import type { CallRequest } from "../rpc/call-request.ts";
import type { Settings } from "../settings/settings.ts";
import { CallQuotas } from "./call-quotas.ts";
import { ClientAddresses } from "./client-addresses.ts";
import { countStranger, type LimitCallsOptions, limitCalls } from "./limit-calls.ts";
import { limitSlowMode } from "./limit-slow-mode.ts";
import type { LoginAttempts } from "./login-attempts.ts";
import { LoginLimits } from "./login-limits.ts";
import { ObservedRateLimits } from "./observed-rate-limits.ts";
import type { QuotaName } from "./quota.ts";
import type { RateLimits } from "./rate-limits.ts";

export type LimitsOptions = {
  settings: Settings;
  limits: RateLimits;
  facts: Pick<Facts, "application">;
  /** Other ends of connections that are believed what address their client has. */
  trustedEdges: readonly string[];
  isUncounted: (method: DescMethod) => boolean;
  /** Told of every call that is refused. */
  onRefused: (quota: QuotaName) => void;
};

/** The limits of an api: what counts calls without a credential, all others, messages of slow chats, and logins. */
export type Limits = {
  countStranger: (request: CallRequest) => void;
  ofCalls: Interceptor;
  ofSlowMode: Interceptor;
  ofLogins: LoginAttempts;
};

/** The limits as the settings have them. */
export function createLimits({ settings, facts, trustedEdges, isUncounted, ...rest }: LimitsOptions): Limits {
  const limits = new ObservedRateLimits(rest.limits, rest.onRefused);
  const options: LimitCallsOptions = {
    ...{ limits, facts, isUncounted },
    quotas: new CallQuotas(settings),
    addresses: new ClientAddresses(trustedEdges),
    whenAway: settings.LIMITS_AWAY_MESSAGES,
  };
  return {
    countStranger: (request) => countStranger(options, request),
    ofCalls: limitCalls(options),
    ofSlowMode: limitSlowMode(limits),
    ofLogins: new LoginLimits({
      limits,
      ofAccount: settings.LOGIN_ATTEMPTS,
      ofAddress: settings.LOGIN_ATTEMPTS_PER_ADDRESS,
      whenAway: settings.LIMITS_AWAY_LOGINS,
    }),
  };
}
