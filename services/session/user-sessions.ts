import type { Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import { hashSecret } from "../auth/secret-hash.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import type { FactChanges, Facts } from "../facts/facts.ts";
import type { TimedToken } from "../token/timed-token.ts";
import type { TokenIssuer } from "../token/token-issuer.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { refreshTokenInvalid } from "./session-errors.ts";
import type { CurrentToken, SessionStore } from "./session-store.ts";

/** What a user is given. `refresh` is undefined where no session was begun. */
export type GivenTokens = { access: TimedToken; refresh: TimedToken | undefined };

/** `device` is what people call it, or empty. `accessTtlMs` is how long the access token works; default ACCESS_TOKEN_TTL. */
export type SessionWishes = { device?: string; accessTtlMs?: number | undefined };

export type UserSessionsOptions = {
  database: Database;
  store: SessionStore;
  refreshTokens: RefreshTokens;
  issuer: TokenIssuer;
  facts: Facts & FactChanges;
  /** How long a refresh token that was used gives the same next one again, in milliseconds. */
  retryMs: number;
};

/** The tokens of users and their sessions: a session is a user on a device. Whether a user exists is the caller's to know. */
export class UserSessions {
  readonly #options: UserSessionsOptions;

  constructor(options: UserSessionsOptions) {
    this.#options = options;
  }

  /** An access token without a session: it cannot be refreshed. */
  async give(user: UserName, accessTtlMs?: number): Promise<GivenTokens> {
    return this.#issue(user, undefined, accessTtlMs);
  }

  /** Begins a session. */
  async begin(user: UserName, { device = "", accessTtlMs }: SessionWishes = {}): Promise<GivenTokens> {
    return this.#issue(user, await this.#options.store.begin(user, device), accessTtlMs);
  }

  /**
   * The next tokens of a session. UNAUTHENTICATED CREDENTIAL_INVALID where the refresh token is not one of the
   * application's, was used before, or its session or user is over. One that was used before ends its session.
   */
  async refresh(application: string, refreshToken: string): Promise<{ user: UserName; tokens: GivenTokens }> {
    const next = await this.#next(application, refreshToken);
    if (!next) throw refreshTokenInvalid();
    const { user, current } = next;
    if ((await this.#options.facts.user(application, user.user)) === undefined) throw refreshTokenInvalid();
    return { user, tokens: await this.#issue(user, current) };
  }

  /** What people call the device of a session; empty where they call it nothing, or the session is over. */
  async deviceOf(application: string, session: string): Promise<string> {
    return (await this.#options.store.find(application, session))?.device ?? "";
  }

  /** Ends the session of a refresh token, also of one that was used. Nothing happens where there is none. */
  async end(application: string, refreshToken: string): Promise<void> {
    const id = this.#options.refreshTokens.parse(refreshToken);
    const row = id && (await this.#options.store.find(application, id.session));
    if (row) await this.#end({ application, user: row.user }, row.id);
  }

  /**
   * Ends all sessions of a user, and every access token it has, those of other issuers too. Tokens that are given once
   * this has resolved work.
   *
   * @param transaction makes it part of another change: whoever commits it then tells FactChanges of the user
   */
  async endAll(user: UserName, transaction?: Transaction): Promise<void> {
    const { store, facts, database } = this.#options;
    if (transaction) return store.endAll(user, transaction);
    await retryDeadlock(() => database.sequelize.transaction((own) => store.endAll(user, own)));
    await facts.forget([{ kind: "user", ...user }]);
  }

  /** The session's next refresh token, where this one may ask for it. */
  async #next(application: string, token: string): Promise<{ user: UserName; current: CurrentToken } | undefined> {
    const { store, refreshTokens, retryMs } = this.#options;
    const given = refreshTokens.parse(token);
    const row = given && (await store.find(application, given.session));
    if (!row || given.generation > row.generation) return undefined;
    const user = { application, user: row.user };
    if (given.generation === row.generation) {
      if (row.tokenHash !== hashSecret(token)) return undefined;
      const current = await store.rotate(row);
      // Another call was faster, or ended the session.
      return current ? { user, current } : this.#next(application, token);
    }
    const isRetry = given.generation === row.generation - 1 && Date.now() - row.rotateTime <= retryMs;
    if (isRetry) return { user, current: store.current(row) };
    // It was used before, so somebody else may have it, or its successor.
    await this.#end(user, row.id);
    return undefined;
  }

  async #end(user: UserName, session: string): Promise<void> {
    await this.#options.store.end(user, session);
    await this.#options.facts.forget([{ kind: "user", ...user }]);
  }

  async #issue(user: UserName, current: CurrentToken | undefined, ttlMs?: number): Promise<GivenTokens> {
    const known = await this.#options.facts.user(user.application, user.user);
    const fromMs = known?.tokensFromMs ?? 0;
    const access = await this.#options.issuer.issue(user, { session: current?.session, ttlMs, fromMs });
    return { access, refresh: current && { token: current.token, expireTimeMs: current.expireTimeMs } };
  }
}
