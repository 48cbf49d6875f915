import type { UserName } from "../aip/resource-name.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { FirstSight } from "../token/first-sight.ts";
import { type UserStore, UserTakenError } from "./user-store.ts";

/** Makes users who are seen first in a token of another issuer. */
export class FirstSeenUsers implements FirstSight {
  readonly #store: UserStore;
  readonly #facts: FactChanges;

  constructor(store: UserStore, facts: FactChanges) {
    this.#store = store;
    this.#facts = facts;
  }

  async ensureUser({ application, user }: UserName, displayName: string): Promise<void> {
    await this.#store.create(application, { id: user, displayName }, undefined).catch((error: unknown) => {
      if (!(error instanceof UserTakenError)) throw error;
    });
    await this.#facts.forget([{ kind: "user", application, user }]);
  }
}
