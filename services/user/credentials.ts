import type { Attributes, Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import type { FactChanges } from "../facts/facts.ts";
import { MailPurpose, type MailTokens } from "../mail/mail-tokens.ts";
import type { UserTokens } from "../token/user-tokens.ts";
import type { UserRow } from "./user-model.ts";
import type { UserStore } from "./user-store.ts";

type Row = Attributes<UserRow>;

/** What credentials work with. */
export type CredentialsOptions = {
  store: UserStore;
  mailTokens: MailTokens;
  tokens: UserTokens;
  facts: FactChanges;
};

/** Confirms addresses and sets passwords. */
export class Credentials {
  readonly #options: CredentialsOptions;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** Confirms the address of the user to whom a token was mailed. Undefined where the token is not in force. */
  async activate(application: string, token: string): Promise<Row | undefined> {
    const { store, mailTokens } = this.#options;
    const user = await mailTokens.find(application, token, MailPurpose.ACTIVATE);
    if (user === undefined) return undefined;
    return store.transact(async (transaction) => {
      if (!(await mailTokens.use(token, transaction))) return undefined;
      return store.update({ application, user }, confirmed, transaction);
    });
  }

  /** Whether a token sets a password, before that is hashed. */
  async isReset(application: string, token: string): Promise<boolean> {
    return (await this.#options.mailTokens.find(application, token, MailPurpose.RESET)) !== undefined;
  }

  /**
   * Sets the password of the user to whom a token was mailed, confirms its address, and ends all its sessions. Undefined
   * where the token is not in force, or no longer.
   */
  async reset(application: string, token: string, passwordHash: string): Promise<Row | undefined> {
    const { store, mailTokens } = this.#options;
    const user = await mailTokens.find(application, token, MailPurpose.RESET);
    if (user === undefined) return undefined;
    const row = await store.transact(async (transaction) => {
      if (!(await mailTokens.use(token, transaction))) return undefined;
      const change = (known: Row) => ({ passwordHash, ...confirmed(known) });
      return this.#replacePassword({ application, user }, change, transaction);
    });
    if (row) await this.#options.facts.forget([{ kind: "user", application, user }]);
    return row;
  }

  /**
   * Sets the password of a user where it still is what it was, and ends all its sessions. Undefined where it is another,
   * or there is no such user, any more.
   */
  async change(name: UserName, from: string, passwordHash: string): Promise<Row | undefined> {
    const { store, facts } = this.#options;
    const row = await store.transact(async (transaction) => {
      if ((await store.find(name, transaction))?.passwordHash !== from) return undefined;
      return this.#replacePassword(name, () => ({ passwordHash }), transaction);
    });
    if (row) await facts.forget([{ kind: "user", ...name }]);
    return row;
  }

  async #replacePassword(name: UserName, change: (row: Row) => Partial<Row>, transaction: Transaction) {
    const { store, mailTokens, tokens } = this.#options;
    const row = await store.update(name, change, transaction);
    if (!row) return undefined;
    await mailTokens.forget(name, transaction);
    await tokens.endAll(name, transaction);
    return row;
  }
}

function confirmed({ activateTime }: Row): Partial<Row> {
  return { activateTime: activateTime ?? Date.now() };
}
