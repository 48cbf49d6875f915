import type { Attributes, Transaction } from "sequelize";
import type { AccountMails, MailSubject } from "../mail/account-mails.ts";
import type { MailTokens } from "../mail/mail-tokens.ts";
import type { Mail } from "../mail/mailer.ts";
import type { UserRow } from "../user/user-model.ts";
import type { UserStore } from "../user/user-store.ts";

/** What somebody registers with. The application is `about`'s, the address `about.to`. */
export type Registration = { about: MailSubject; passwordHash: string; displayName: string };

/** What registrations work with. */
export type RegistrationsOptions = {
  store: UserStore;
  mailTokens: MailTokens;
  mails: AccountMails;
};

/** Finds out what to mail to whom: there is no user before who registered has confirmed its address. */
export class Registrations {
  readonly #options: RegistrationsOptions;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  /**
   * The mail that asks somebody who says that an address is its own whether it is. What is registered belongs to the token
   * in the mail: who registers with somebody else's address changes nothing of what that one registers. A user who is
   * there stays as it is, and is told.
   */
  register({ about, passwordHash, displayName }: Registration): Promise<Mail | undefined> {
    const { store, mailTokens, mails } = this.#options;
    return store.transact(async (transaction) => {
      const known = await store.findByEmail(about.application, about.to, transaction);
      if (known) return this.#tellKnown(about, known, transaction);
      const registered = { application: about.application, email: about.to, passwordHash, displayName };
      return mails.activation(about, await mailTokens.issueActivation(registered, transaction));
    });
  }

  /** The mail with which who has an address sets its password anew; undefined where nobody has it, or had enough of them. */
  requestReset(about: MailSubject): Promise<Mail | undefined> {
    const { store, mailTokens, mails } = this.#options;
    return store.transact(async (transaction) => {
      const row = await store.findByEmail(about.application, about.to, transaction);
      const token = row && (await mailTokens.issueReset({ application: row.application, user: row.id }, transaction));
      return token === undefined ? undefined : mails.passwordReset(about, token);
    });
  }

  async #tellKnown(about: MailSubject, { application, id }: Attributes<UserRow>, transaction: Transaction) {
    const token = await this.#options.mailTokens.issueReset({ application, user: id }, transaction);
    return token === undefined ? undefined : this.#options.mails.knownAddress(about, token);
  }
}
