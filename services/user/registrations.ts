import type { Attributes, Transaction } from "sequelize";
import { createResourceId } from "../aip/resource-id.ts";
import type { UserName } from "../aip/resource-name.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { AccountMails, MailSubject } from "../mail/account-mails.ts";
import type { MailTokens } from "../mail/mail-tokens.ts";
import type { Mail } from "../mail/mailer.ts";
import { newUserRow } from "./new-user.ts";
import type { UserRow } from "./user-model.ts";
import type { UserStore } from "./user-store.ts";

/** What somebody registers with. The application is `about`'s, the address `about.to`. */
export type Registration = { about: MailSubject; passwordHash: string; displayName: string };

/** What registrations work with. */
export type RegistrationsOptions = {
  store: UserStore;
  mailTokens: MailTokens;
  mails: AccountMails;
  facts: FactChanges;
};

/** Makes users who register themselves, and finds out what to mail to whom. */
export class Registrations {
  readonly #options: RegistrationsOptions;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  /**
   * Registers somebody who says that an address is its own; resolves with the mail that asks whether it is. Who registers
   * again before the address was confirmed replaces what was registered before, with its token: so a confirmation never
   * lets in whoever registered earlier with somebody else's address. A user who is there stays as it is, and is told.
   */
  async register(registration: Registration): Promise<Mail | undefined> {
    const { store, mailTokens, mails, facts } = this.#options;
    const { about } = registration;
    let entered: UserName | undefined;
    const mail = await store.transact(async (transaction) => {
      const known = await store.findByEmail(about.application, about.to, transaction);
      if (known && !isUnconfirmed(known)) return this.#tellKnown(about, known, transaction);
      entered = await this.#enter(registration, known, transaction);
      return mails.activation(about, await mailTokens.issueActivation(entered, transaction));
    });
    if (entered) await facts.forget([{ kind: "user", ...entered }]);
    return mail;
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

  async #enter(
    { about, passwordHash, displayName }: Registration,
    known: Attributes<UserRow> | undefined,
    transaction: Transaction,
  ): Promise<UserName> {
    const { store } = this.#options;
    const user = { application: about.application, user: known?.id ?? createResourceId() };
    const profile = { displayName, passwordHash, email: about.to };
    if (known) await store.update(user, () => ({ displayName, passwordHash }), transaction);
    else await store.insert(newUserRow(user, profile), transaction);
    return user;
  }

  async #tellKnown(about: MailSubject, { application, id }: Attributes<UserRow>, transaction: Transaction) {
    const token = await this.#options.mailTokens.issueReset({ application, user: id }, transaction);
    return token === undefined ? undefined : this.#options.mails.knownAddress(about, token);
  }
}

/**
 * Whether a user registered itself, and has not confirmed its address. One whom the backend made has no password before
 * it has.
 */
function isUnconfirmed({ activateTime, passwordHash }: Attributes<UserRow>): boolean {
  return activateTime === null && passwordHash !== null;
}
