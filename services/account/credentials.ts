import type { Attributes, Transaction } from "sequelize";
import type { UserName } from "../aip/resource-name.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { MailTokens, Registered } from "../mail/mail-tokens.ts";
import type { UserSessions } from "../session/user-sessions.ts";
import { newUserRow } from "../user/new-user.ts";
import type { UserRow } from "../user/user-model.ts";
import type { UserStore } from "../user/user-store.ts";

type Row = Attributes<UserRow>;

/** What credentials work with. */
export type CredentialsOptions = {
  store: UserStore;
  mailTokens: MailTokens;
  tokens: Pick<UserSessions, "endAll">;
  facts: FactChanges;
};

/** Makes users of who registered, and sets passwords. */
export class Credentials {
  readonly #options: CredentialsOptions;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /** What was registered with a mailed token, before its password is verified. Undefined where the token is not in force. */
  async findRegistered(application: string, token: string): Promise<(Registered & UserName) | undefined> {
    const registered = await this.#options.mailTokens.findRegistered(application, token);
    return registered && (await this.#options.store.hasApplication(application)) ? registered : undefined;
  }

  /**
   * Makes the user who registered, and ends what else was registered with the address. Undefined where the token is not in
   * force any more, or another user has the address by now.
   */
  async activate(registered: Registered & UserName, token: string): Promise<Row | undefined> {
    const { store, mailTokens, facts } = this.#options;
    const row = { ...newUserRow(registered, registered), activateTime: Date.now() };
    const isMade = await store.transact(async (transaction) => {
      if (!(await mailTokens.use(token, transaction))) return false;
      await mailTokens.forgetRegistered(registered, transaction);
      if (await store.findByEmail(registered.application, registered.email, transaction)) return false;
      await store.insert(row, transaction);
      return true;
    });
    if (!isMade) return undefined;
    await facts.forget([{ kind: "user", application: row.application, user: row.id }]);
    return row;
  }

  /** The user whose password a token sets, before that is hashed. Undefined where the token is not in force. */
  async findReset(application: string, token: string): Promise<Row | undefined> {
    const user = await this.#options.mailTokens.findReset(application, token);
    return user === undefined ? undefined : this.#options.store.find({ application, user });
  }

  /**
   * Sets the password of the user to whom a token was mailed, confirms its address, and ends all its sessions. Undefined
   * where the token is not in force, or no longer.
   */
  async reset(application: string, token: string, passwordHash: string): Promise<Row | undefined> {
    const { store, mailTokens } = this.#options;
    const user = await mailTokens.findReset(application, token);
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
