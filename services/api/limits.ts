import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import type { Facts } from "../facts/facts.ts";
import { CallQuotas } from "../limits/call-quotas.ts";
import { ClientAddresses } from "../limits/client-addresses.ts";
import { countStranger, type LimitCallsOptions, limitCalls } from "../limits/limit-calls.ts";
import { limitSlowMode } from "../limits/limit-slow-mode.ts";
import type { LoginAttempts } from "../limits/login-attempts.ts";
import { LoginLimits } from "../limits/login-limits.ts";
import { ObservedRateLimits } from "../limits/observed-rate-limits.ts";
import type { QuotaName } from "../limits/quota.ts";
import type { RateLimits } from "../limits/rate-limits.ts";
import type { CallRequest } from "../rpc/call-request.ts";
import type { Settings } from "../settings/settings.ts";

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
