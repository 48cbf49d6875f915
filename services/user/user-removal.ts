import type { Attributes } from "sequelize";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import type { UserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { UserRow } from "./user-model.ts";
import type { UserStore } from "./user-store.ts";

/** What is left of a user: that it was there, so that its id does not come back. */
const TOMBSTONE = {
  ...{ displayName: "", avatarUrl: null, metadata: null, email: null, passwordHash: null, activateTime: null },
  ...{ role: User_Role.USER, bot: 0, eraseDue: 1 },
};

/** Removes users. Their memberships, and their names in messages, go afterwards. */
export class UserRemoval {
  readonly #database: Database;
  readonly #store: UserStore;
  readonly #facts: FactChanges;

  constructor(options: { database: Database; store: UserStore; facts: FactChanges }) {
    this.#database = options.database;
    this.#store = options.store;
    this.#facts = options.facts;
  }

  /**
   * Leaves a tombstone of a user, and nothing that it could log in with. False where there is no such user.
   *
   * @param check throws where the user must not be removed as it is
   */
  async remove(name: UserName, check: (row: Attributes<UserRow>) => void): Promise<boolean> {
    const { application, user } = name;
    const { sessions, mailTokens } = this.#database;
    const row = await this.#store.transact(async (transaction) => {
      const change = (known: Attributes<UserRow>) => {
        check(known);
        const now = Date.now();
        return { ...TOMBSTONE, deleteTime: now, tokensFrom: now };
      };
      const removed = await this.#store.update(name, change, transaction);
      const owned = { where: { application, user }, transaction };
      if (removed) await sessions.destroy(owned);
      if (removed) await mailTokens.destroy(owned);
      return removed;
    });
    if (row) await this.#facts.forget([{ kind: "user", application, user }]);
    return row !== undefined;
  }
}
