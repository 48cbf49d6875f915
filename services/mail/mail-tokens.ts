import { randomBytes } from "node:crypto";
import { type Attributes, Op, type Transaction } from "sequelize";
import { createResourceId } from "../aip/resource-id.ts";
import type { UserName } from "../aip/resource-name.ts";
import { hashSecret } from "../auth/secret-hash.ts";
import type { Database } from "../database/database.ts";
import type { TimedToken } from "../token/timed-token.ts";
import type { MailTokenRow } from "./mail-token-model.ts";

type Row = Attributes<MailTokenRow>;

/** What a mailed token is good for, as it is stored. */
const MailPurpose = { ACTIVATE: 1, RESET: 2 } as const;
type MailPurpose = (typeof MailPurpose)[keyof typeof MailPurpose];

/** Tokens to reset one password that are in force at a time: as many mails can be had of it, whoever asks. */
const MAX_RESETS = 5;

/** Registrations of one address that are in force at a time; the first makes room for another. */
const MAX_REGISTRATIONS = 5;

/** What somebody registered with: each mailed token has its own, so that it lets nobody else in. */
export type Registered = { application: string; email: string; passwordHash: string; displayName: string };

/** How long tokens are good, in milliseconds. */
export type MailTokenTtls = { activateMs: number; resetMs: number };

/** Secrets that prove that a user reads its mail. Each works once; their hashes alone are stored. */
export class MailTokens {
  readonly #database: Database;
  readonly #ttls: MailTokenTtls;

  constructor(database: Database, ttls: MailTokenTtls) {
    this.#database = database;
    this.#ttls = ttls;
  }

  /** A token that makes a user of who registered; those before it, with what they were registered with, go on. */
  async issueActivation(registered: Registered, transaction: Transaction): Promise<TimedToken> {
    await this.#makeRoom(registered, transaction);
    const row = { ...registered, user: createResourceId(), purpose: MailPurpose.ACTIVATE };
    return this.#issue(row, this.#ttls.activateMs, transaction);
  }

  /** A token that sets a user's password; undefined where it has enough of them. */
  async issueReset(user: UserName, transaction: Transaction): Promise<TimedToken | undefined> {
    const where = { ...user, purpose: MailPurpose.RESET, expireTime: { [Op.gt]: Date.now() } };
    const inForce = await this.#database.mailTokens.count({ where, transaction });
    if (inForce >= MAX_RESETS) return undefined;
    const row = { ...user, purpose: MailPurpose.RESET, email: null, passwordHash: null, displayName: null };
    return this.#issue(row, this.#ttls.resetMs, transaction);
  }

  /** The id of the user whose password a token sets; undefined where it is not in force. */
  async findReset(application: string, token: string): Promise<string | undefined> {
    return (await this.#find(application, token, MailPurpose.RESET))?.user;
  }

  /** What was registered with a token, and the id that the user is to have; undefined where it is not in force. */
  async findRegistered(application: string, token: string): Promise<(Registered & UserName) | undefined> {
    const row = await this.#find(application, token, MailPurpose.ACTIVATE);
    if (!row) return undefined;
    const { user, email, passwordHash, displayName } = row;
    return { application, user, email: email!, passwordHash: passwordHash!, displayName: displayName! };
  }

  /** Uses a token up: whether it was there still. Of two who use it at once, one is told so. */
  async use(token: string, transaction: Transaction): Promise<boolean> {
    return (await this.#database.mailTokens.destroy({ where: { hash: hashSecret(token) }, transaction })) === 1;
  }

  /** No token of the user works any more. */
  async forget({ application, user }: UserName, transaction: Transaction): Promise<void> {
    await this.#database.mailTokens.destroy({ where: { application, user }, transaction });
  }

  /** Nobody can register with an address any more by a token mailed before. */
  async forgetRegistered({ application, email }: Registered, transaction: Transaction): Promise<void> {
    await this.#database.mailTokens.destroy({ where: { application, email }, transaction });
  }

  async #find(application: string, token: string, purpose: MailPurpose): Promise<Row | undefined> {
    const where = { hash: hashSecret(token), application, purpose, expireTime: { [Op.gt]: Date.now() } };
    return (await this.#database.mailTokens.findOne({ where, raw: true })) ?? undefined;
  }

  /** Who registers last can confirm, however often others registered with its address. */
  async #makeRoom({ application, email }: Registered, transaction: Transaction): Promise<void> {
    const known = await this.#database.mailTokens.findAll({
      attributes: ["hash"],
      where: { application, email },
      order: [["createTime", "DESC"]],
      raw: true,
      transaction,
    });
    const hash = known.slice(MAX_REGISTRATIONS - 1).map((row) => row.hash);
    if (hash.length > 0) await this.#database.mailTokens.destroy({ where: { hash }, transaction });
  }

  async #issue(
    row: Omit<Row, "hash" | "createTime" | "expireTime">,
    ttlMs: number,
    transaction: Transaction,
  ): Promise<TimedToken> {
    const token = randomBytes(32).toString("base64url");
    const createTime = Date.now();
    const expireTime = createTime + ttlMs;
    await this.#database.mailTokens.create(
      { ...row, hash: hashSecret(token), createTime, expireTime },
      { transaction },
    );
    return { token, expireTimeMs: expireTime };
  }
}
