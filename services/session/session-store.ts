import { randomUUID } from "node:crypto";
import { type Attributes, literal, Op, type Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import { hashSecret } from "../auth/secret-hash.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import { recordChanges } from "../facts/recorded-changes.ts";
import type { TimedToken } from "../token/timed-token.ts";
import { ENDED_SESSION_MS, ENDED_SESSIONS_MAX } from "./ended-sessions.ts";
import type { RefreshTokenId, RefreshTokens } from "./refresh-token.ts";
import type { SessionRow } from "./session-model.ts";

type Row = Attributes<SessionRow>;

/** Sessions that a user has; the one that was refreshed longest ago makes room for another. */
export const SESSIONS_MAX = 100;

/** A refresh token as it is given, and its session. */
export type CurrentToken = TimedToken & { session: string };

/** Sessions in the database: of a refresh token it has the hash alone. */
export class SessionStore {
  readonly #database: Database;
  readonly #tokens: RefreshTokens;
  readonly #ttlMs: number;

  /** @param ttlMs how long a refresh token works, in milliseconds */
  constructor(database: Database, tokens: RefreshTokens, ttlMs: number) {
    this.#database = database;
    this.#tokens = tokens;
    this.#ttlMs = ttlMs;
  }

  /** Begins a session. */
  async begin({ application, user }: UserName, device: string): Promise<CurrentToken> {
    const now = Date.now();
    const id = randomUUID();
    const token = this.#tokens.format({ session: id, generation: 0 });
    const expireTime = now + this.#ttlMs;
    const times = { rotateTime: now, createTime: now, expireTime, revokeTime: null };
    const tokenHash = hashSecret(token);
    await this.#database.sessions.create({ id, application, user, device, generation: 0, tokenHash, ...times });
    await this.#makeRoom({ application, user }, id);
    return { session: id, token, expireTimeMs: expireTime };
  }

  /** The session, where it goes on. */
  async find(application: string, id: string): Promise<Row | undefined> {
    const where = { id, application, revokeTime: null, expireTime: { [Op.gt]: Date.now() } };
    return (await this.#database.sessions.findOne({ where, raw: true })) ?? undefined;
  }

  /** The refresh token that is the session's current one. */
  current({ id, generation, expireTime }: Row): CurrentToken {
    return { session: id, token: this.#tokens.format({ session: id, generation }), expireTimeMs: expireTime };
  }

  /** Puts the next refresh token in the place of the current one; undefined where another was faster. */
  async rotate(row: Row): Promise<CurrentToken | undefined> {
    const now = Date.now();
    const next: RefreshTokenId = { session: row.id, generation: row.generation + 1 };
    const token = this.#tokens.format(next);
    const expireTime = now + this.#ttlMs;
    const change = { generation: next.generation, tokenHash: hashSecret(token), rotateTime: now, expireTime };
    const where = { id: row.id, generation: row.generation, tokenHash: row.tokenHash, revokeTime: null };
    const [updated] = await this.#database.sessions.update(change, { where });
    return updated === 1 ? { session: row.id, token, expireTimeMs: expireTime } : undefined;
  }

  /**
   * Ends a session. Where so many were ended of late that facts do not tell of all, the access tokens of all the user's
   * sessions are over: those that go on get others by their refresh tokens.
   */
  async end(name: UserName, id: string): Promise<void> {
    await retryDeadlock(() => this.#database.sequelize.transaction((transaction) => this.#end(name, id, transaction)));
  }

  async #end({ application, user }: UserName, id: string, transaction: Transaction): Promise<void> {
    const { sessions } = this.#database;
    await sessions.update(endedNow(), { where: { id, application, user, revokeTime: null }, transaction });
    await recordChanges(this.#database, [{ kind: "user", application, user }], transaction);
    const where = { application, user, revokeTime: { [Op.gt]: Date.now() - ENDED_SESSION_MS } };
    if ((await sessions.count({ where, transaction })) <= ENDED_SESSIONS_MAX) return;
    await this.#endTokens({ application, user }, transaction);
  }

  /** Ends all sessions of a user, and the access tokens that were issued until now. */
  async endAll({ application, user }: UserName, transaction: Transaction): Promise<void> {
    const { sessions } = this.#database;
    await this.#endTokens({ application, user }, transaction);
    await sessions.update(endedNow(), { where: { application, user, revokeTime: null }, transaction });
    await recordChanges(this.#database, [{ kind: "user", application, user }], transaction);
  }

  /** Ends the access tokens that were issued until now: also those that a process ended whose clock is ahead stay so. */
  async #endTokens({ application, user }: UserName, transaction: Transaction): Promise<void> {
    const from = Date.now() + 1;
    const tokensFrom = literal(`CASE WHEN tokens_from < ${from} THEN ${from} ELSE tokens_from END`);
    await this.#database.users.update({ tokensFrom }, { where: { application, id: user }, transaction });
  }

  /**
   * Leaves a user its last sessions and the one that was begun: of many that begin at once, the last to look sees them all.
   * Access tokens of the others go on until they are over, so that who has many sessions leaves no more behind.
   */
  async #makeRoom({ application, user }: UserName, begun: string): Promise<void> {
    const { sessions } = this.#database;
    const oldest = await sessions.findAll({
      attributes: ["id"],
      where: { application, user, revokeTime: null, id: { [Op.ne]: begun } },
      order: [
        ["rotateTime", "DESC"],
        ["id", "DESC"],
      ],
      offset: SESSIONS_MAX - 1,
      limit: SESSIONS_MAX,
      raw: true,
    });
    if (oldest.length === 0) return;
    await retryDeadlock(() => sessions.destroy({ where: { id: oldest.map(({ id }) => id) } }));
  }
}

/** An ended session is kept for as long as it is told of. */
function endedNow() {
  const now = Date.now();
  return { revokeTime: now, expireTime: now + ENDED_SESSION_MS };
}
