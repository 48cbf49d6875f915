import { randomBytes } from "node:crypto";
import { Op, type Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import { hashSecret } from "../auth/secret-hash.ts";
import type { Database } from "../database/database.ts";

/** What a mailed token is good for, as it is stored. */
export const MailPurpose = { ACTIVATE: 1, RESET: 2 } as const;
export type MailPurpose = (typeof MailPurpose)[keyof typeof MailPurpose];

/** Tokens to reset one password that are in force at a time: as many mails can be had of it, whoever asks. */
const MAX_RESETS = 5;

/** A secret to be mailed, and until when it is good, in milliseconds since 1970. */
export type MailToken = { token: string; expireTimeMs: number };

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

  /** A token that confirms a user's address, together with what it registered with: those before it are over. */
  async issueActivation(user: UserName, transaction: Transaction): Promise<MailToken> {
    await this.#database.mailTokens.destroy({ where: { ...user, purpose: MailPurpose.ACTIVATE }, transaction });
    return this.#issue(user, MailPurpose.ACTIVATE, this.#ttls.activateMs, transaction);
  }

  /** A token that sets a user's password; undefined where it has enough of them. */
  async issueReset(user: UserName, transaction: Transaction): Promise<MailToken | undefined> {
    const where = { ...user, purpose: MailPurpose.RESET, expireTime: { [Op.gt]: Date.now() } };
    const inForce = await this.#database.mailTokens.count({ where, transaction });
    if (inForce >= MAX_RESETS) return undefined;
    return this.#issue(user, MailPurpose.RESET, this.#ttls.resetMs, transaction);
  }

  /** The id of the user to whom a token belongs that is in force; undefined where it is not. */
  async find(application: string, token: string, purpose: MailPurpose): Promise<string | undefined> {
    const where = { hash: hashSecret(token), application, purpose, expireTime: { [Op.gt]: Date.now() } };
    return (await this.#database.mailTokens.findOne({ attributes: ["user"], where, raw: true }))?.user;
  }

  /** Uses a token up: whether it was there still. Of two who use it at once, one is told so. */
  async use(token: string, transaction: Transaction): Promise<boolean> {
    return (await this.#database.mailTokens.destroy({ where: { hash: hashSecret(token) }, transaction })) === 1;
  }

  /** No token of the user works any more. */
  async forget({ application, user }: UserName, transaction: Transaction): Promise<void> {
    await this.#database.mailTokens.destroy({ where: { application, user }, transaction });
  }

  async #issue(
    { application, user }: UserName,
    purpose: MailPurpose,
    ttlMs: number,
    transaction: Transaction,
  ): Promise<MailToken> {
    const token = randomBytes(32).toString("base64url");
    const createTime = Date.now();
    const expireTime = createTime + ttlMs;
    const row = { hash: hashSecret(token), application, user, purpose, createTime, expireTime };
    await this.#database.mailTokens.create(row, { transaction });
    return { token, expireTimeMs: expireTime };
  }
}
