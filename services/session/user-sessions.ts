import type { Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import { hashSecret } from "../auth/secret-hash.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import type { FactChanges, Facts } from "../facts/facts.ts";
import type { TokenIssuer } from "../token/token-issuer.ts";
import type { GivenTokens, SessionWishes, UserTokens } from "../token/user-tokens.ts";
import type { RefreshTokens } from "./refresh-token.ts";
import { refreshTokenInvalid } from "./session-errors.ts";
import type { CurrentToken, SessionStore } from "./session-store.ts";

export type UserSessionsOptions = {
  database: Database;
  store: SessionStore;
  refreshTokens: RefreshTokens;
  issuer: TokenIssuer;
  facts: Facts & FactChanges;
  /** How long a refresh token that was used gives the same next one again, in milliseconds. */
  retryMs: number;
};

/** Gives users their tokens, and ends them. */
export class UserSessions implements UserTokens {
  readonly #options: UserSessionsOptions;

  constructor(options: UserSessionsOptions) {
    this.#options = options;
  }

  async give(user: UserName, accessTtlMs?: number): Promise<GivenTokens> {
    return this.#issue(user, undefined, accessTtlMs);
  }

  async begin(user: UserName, { device = "", accessTtlMs }: SessionWishes = {}): Promise<GivenTokens> {
    return this.#issue(user, await this.#options.store.begin(user, device), accessTtlMs);
  }

  async refresh(application: string, refreshToken: string): Promise<{ user: UserName; tokens: GivenTokens }> {
    const next = await this.#next(application, refreshToken);
    if (!next) throw refreshTokenInvalid();
    const { user, current } = next;
    if ((await this.#options.facts.user(application, user.user)) === undefined) throw refreshTokenInvalid();
    return { user, tokens: await this.#issue(user, current) };
  }

  async deviceOf(application: string, session: string): Promise<string> {
    return (await this.#options.store.find(application, session))?.device ?? "";
  }

  async end(application: string, refreshToken: string): Promise<void> {
    const id = this.#options.refreshTokens.parse(refreshToken);
    const row = id && (await this.#options.store.find(application, id.session));
    if (row) await this.#end({ application, user: row.user }, row.id);
  }

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
