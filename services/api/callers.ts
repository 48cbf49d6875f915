import type { DescMethod } from "@bufbuild/protobuf";
import type { PageSizes } from "../aip/page-size.ts";
import { ApplicationStore } from "../application/application-store.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { FirstSeenUsers } from "../user/first-seen-users.ts";
import { UserStore } from "../user/user-store.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { createAccounts } from "./accounts.ts";
import { createLimits } from "./limits.ts";
import type { ApiOptions } from "./options.ts";
import { createTokens } from "./tokens.ts";

/** What those who call are known by: the applications and their keys, users, their tokens, and how often they may call. */
export type Callers = ReturnType<typeof createCallers>;

/** @param isUncounted which methods no limit counts */
export function createCallers(
  options: ApiOptions,
  { mutations, pageSizes }: { mutations: Mutations; pageSizes: PageSizes },
  isUncounted: (method: DescMethod) => boolean,
) {
  const { settings, database, facts, trustedEdges, adminKey, keyMaxAgeMs, signingKeys, metrics, mailer, log } = options;
  const { API_KEY_GRACE: keyGraceMs, REQUEST_ID_TTL: requestTtlMs } = settings;
  const applications = new ApplicationStore(database, { keyGraceMs, requestTtlMs });
  const users = new UserStore(database, { requestTtlMs });
  const firstSight = new FirstSeenUsers(users, facts);
  const { userTokens, accessTokens, keyMethods } = createTokens({
    ...{ settings, database, facts, firstSight, signingKeys, keyMaxAgeMs, pageSizes, log },
    secret: options.tokenSecret,
  });
  const limits = createLimits({
    settings,
    limits: options.limits,
    facts,
    trustedEdges,
    isUncounted,
    onRefused: (limit) => metrics.countRefusal(limit),
  });
  const accounts = createAccounts({
    ...{ settings, database, applications, store: users, firstSight, facts, mutations, mailer, pageSizes, log },
    ...{ tokens: userTokens, keys: keyMethods, attempts: limits.ofLogins },
    onUnsentMail: (outcome) => metrics.countUnsentMail(outcome),
  });
  const authenticator = new Authenticator({
    adminKey,
    keys: applications,
    tokens: accessTokens,
    maxAgeMs: keyMaxAgeMs,
  });
  return { applications, authenticator, limits, accounts };
}
