import type { Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import type { AccessToken } from "./token-issuer.ts";

/** What gives the next tokens of a session, once. */
export type RefreshToken = { token: string; expireTimeMs: number };

/** What a user is given. `refresh` is undefined where no session was begun. */
export type GivenTokens = { access: AccessToken; refresh: RefreshToken | undefined };

/** `device` is what people call it, or empty. `accessTtlMs` is how long the access token works; default ACCESS_TOKEN_TTL. */
export type SessionWishes = { device?: string; accessTtlMs?: number | undefined };

/** The tokens of users and their sessions: a session is a user on a device. Whether a user exists is the caller's to know. */
export interface UserTokens {
  /** An access token without a session: it cannot be refreshed. */
  give(user: UserName, accessTtlMs?: number): Promise<GivenTokens>;
  /** Begins a session. */
  begin(user: UserName, wishes?: SessionWishes): Promise<GivenTokens>;
  /**
   * The next tokens of a session. UNAUTHENTICATED CREDENTIAL_INVALID where the refresh token is not one of the
   * application's, was used before, or its session or user is over. One that was used before ends its session.
   */
  refresh(application: string, refreshToken: string): Promise<{ user: UserName; tokens: GivenTokens }>;
  /** What people call the device of a session; empty where they call it nothing, or the session is over. */
  deviceOf(application: string, session: string): Promise<string>;
  /** Ends the session of a refresh token, also of one that was used. Nothing happens where there is none. */
  end(application: string, refreshToken: string): Promise<void>;
  /**
   * Ends all sessions of a user, and every access token it has, those of other issuers too. Tokens that are given once
   * this has resolved work.
   *
   * @param transaction makes it part of another change: whoever commits it then tells FactChanges of the user
   */
  endAll(user: UserName, transaction?: Transaction): Promise<void>;
}
