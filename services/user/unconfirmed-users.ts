import { type Attributes, Op, type Transaction } from "sequelize";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import type { FactChanges } from "../facts/facts.ts";
import { recordChanges } from "../facts/recorded-changes.ts";
import type { MailTokenRow } from "../mail/mail-token-model.ts";
import { MailPurpose } from "../mail/mail-tokens.ts";

/** Tokens that are looked at in one query. */
const PAGE = 100;

/**
 * Removes users who registered themselves and did not confirm their address in time: anybody can make them. Their ids were
 * random, so they do not come back. Who takes part in something meanwhile, because the backend had it do so, stays.
 *
 * @param now milliseconds since 1970
 */
export async function forgetUnconfirmed(database: Database, facts: FactChanges, now: number): Promise<void> {
  for (;;) {
    const where = { purpose: MailPurpose.ACTIVATE, expireTime: { [Op.lt]: now } };
    const over = await database.mailTokens.findAll({ where, limit: PAGE, raw: true });
    for (const token of over) {
      const forget = (transaction: Transaction) => forgetUser(database, token, transaction);
      const isForgotten = await retryDeadlock(() => database.sequelize.transaction(forget));
      const { application, user } = token;
      if (isForgotten) await facts.forget([{ kind: "user", application, user }]);
    }
    if (over.length < PAGE) return;
  }
}

/** Whether the user is removed. Who registered again meanwhile has another token, and stays. */
async function forgetUser(
  database: Database,
  { hash, application, user }: Attributes<MailTokenRow>,
  transaction: Transaction,
): Promise<boolean> {
  const { mailTokens, users, sessions, members, messages } = database;
  if ((await mailTokens.destroy({ where: { hash }, transaction })) === 0) return false;
  const options = { where: { application, user }, raw: true, transaction } as const;
  if ((await sessions.findOne(options)) || (await members.findOne(options))) return false;
  if (await messages.findOne({ where: { application, authorUser: user }, raw: true, transaction })) return false;
  const isUnconfirmed = { activateTime: null, passwordHash: { [Op.ne]: null }, deleteTime: null };
  const removed = await users.destroy({ where: { application, id: user, ...isUnconfirmed }, transaction });
  if (removed > 0) await recordChanges(database, [{ kind: "user", application, user }], transaction);
  return removed > 0;
}
