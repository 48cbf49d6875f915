import type { UserName } from "../aip/resource-name.ts";
import type { FactChanges, Facts } from "../facts/facts.ts";
import type { FirstSight } from "../token/first-sight.ts";
import { UserTakenError } from "./taken-users.ts";
import type { UserStore } from "./user-store.ts";

/** Makes users who are seen first in a token of another issuer. One who is known here costs nothing. */
export class FirstSeenUsers implements FirstSight {
  readonly #store: UserStore;
  readonly #facts: Facts & FactChanges;

  constructor(store: UserStore, facts: Facts & FactChanges) {
    this.#store = store;
    this.#facts = facts;
  }

  async ensureUser({ application, user }: UserName, displayName: string): Promise<void> {
    if (await this.#facts.user(application, user)) return;
    // One whom another process made is told of, too: this one did not know it.
    const row =
      (await this.#create({ application, user }, displayName)) ?? (await this.#store.find({ application, user }));
    if (row) await this.#facts.forget([{ kind: "user", application, user }]);
  }

  async #create({ application, user }: UserName, displayName: string) {
    return this.#store.create(application, { id: user, displayName }, undefined).catch((error: unknown) => {
      if (error instanceof UserTakenError) return undefined;
      throw error;
    });
  }
}
