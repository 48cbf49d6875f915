import type { Logger } from "pino";
import type { PageSizes } from "../aip/page-size.ts";
import { AccessTokens } from "../auth/access-tokens.ts";
import type { Database } from "../database/database.ts";
import type { FactChanges, Facts } from "../facts/facts.ts";
import { RefreshTokens } from "../session/refresh-token.ts";
import { SessionStore } from "../session/session-store.ts";
import { UserSessions } from "../session/user-sessions.ts";
import type { Settings } from "../settings/settings.ts";
import type { FirstSight } from "../token/first-sight.ts";
import { ForeignTokens } from "../token/foreign-tokens.ts";
import { createKeySetMethod } from "../token/key-set-method.ts";
import { OwnTokens } from "../token/own-tokens.ts";
import { createRefusalLog } from "../token/refusal-log.ts";
import type { SigningKeys } from "../token/signing-keys.ts";
import { TokenIssuer } from "../token/token-issuer.ts";
import { createTokenKeyMethods } from "../token/token-key-methods.ts";
import { TokenKeyStore } from "../token/token-key-store.ts";
import { TokenKeys } from "../token/token-keys.ts";
import { TokenVerifier } from "../token/token-verifier.ts";

export type TokensOptions = {
  settings: Settings;
  database: Database;
  facts: Facts & FactChanges;
  firstSight: FirstSight;
  /** The secret of tokens, and the keys that it opens. */
  secret: string;
  signingKeys: SigningKeys;
  /** How long the keys of other issuers are believed without being looked up, in milliseconds. */
  keyMaxAgeMs: number;
  pageSizes: PageSizes;
  log: Logger;
};

/** What has to do with the tokens of users. */
export type Tokens = {
  /** Finds the users behind access tokens. */
  accessTokens: AccessTokens;
  userTokens: UserSessions;
  /** The methods for the keys that sign them: the server's, and those of other issuers. */
  keyMethods: ReturnType<typeof createTokenKeyMethods> & ReturnType<typeof createKeySetMethod>;
};

/** Puts together what gives the tokens of users and verifies them. */
export function createTokens(options: TokensOptions): Tokens {
  const { settings, database, facts, firstSight, secret, signingKeys, keyMaxAgeMs } = options;
  const { TOKEN_ISSUER: issuer, ACCESS_TOKEN_TTL, REFRESH_TOKEN_TTL, REFRESH_RETRY } = settings;
  const refreshTokens = new RefreshTokens(secret);
  const store = new TokenKeyStore(database);
  const keys = new TokenKeys(store, keyMaxAgeMs);
  const onRefused = createRefusalLog(options.log);
  const verifier = new TokenVerifier(new OwnTokens(signingKeys, issuer), new ForeignTokens(keys, onRefused));
  const userTokens = new UserSessions({
    store: new SessionStore(database, refreshTokens, REFRESH_TOKEN_TTL),
    issuer: new TokenIssuer({ keys: signingKeys, issuer, ttlMs: ACCESS_TOKEN_TTL }),
    database,
    refreshTokens,
    facts,
    retryMs: REFRESH_RETRY,
  });
  const accessTokens = new AccessTokens({ verifier, facts, firstSight, onRefused });
  const keyMethods = {
    ...createTokenKeyMethods({ store, keys, ownIssuer: issuer, pageSizes: options.pageSizes }),
    ...createKeySetMethod(signingKeys),
  };
  return { accessTokens, userTokens, keyMethods };
}
