import { pino } from "pino";
import type { UserName } from "../../../services/aip/resource-name.ts";
import { createTokens, type Tokens } from "../../../services/api/tokens.ts";
import type { UserPrincipal } from "../../../services/auth/principal.ts";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import { SqlFactSource } from "../../../services/facts/sql-fact-source.ts";
import { readSettings, type Settings } from "../../../services/settings/settings.ts";
import type { FirstSight } from "../../../services/token/first-sight.ts";
import { SigningKeyStore } from "../../../services/token/signing-key-store.ts";
import { SigningKeys } from "../../../services/token/signing-keys.ts";
import { FirstSeenUsers } from "../../../services/user/first-seen-users.ts";
import { UserStore } from "../../../services/user/user-store.ts";
import { createApplication, createUser, openStores, type Stores } from "../stores.ts";

export const SECRET = "a-secret-of-tokens-for-tests-0123456789";
const SILENT = pino({ level: "silent" });
const HOUR_MS = 3_600_000;

/** What has to do with tokens in a process, on a database that several may share. */
export type TokenProcess = Tokens & {
  keys: SigningKeys;
  facts: CachedFacts;
  users: UserStore;
  firstSight: FirstSight;
  settings: Settings;
  /** The lines of its log. */
  logged: Record<string, unknown>[];
  /** The principal behind a token, as a call with it would have it. */
  authenticate(token: string): Promise<UserPrincipal>;
};

/** A database with an application, and processes on it. */
export class TokenScene {
  readonly stores: Stores;
  readonly application: string;
  readonly #keys: SigningKeys[] = [];
  #users = 0;

  private constructor(stores: Stores, application: string) {
    this.stores = stores;
    this.application = application;
  }

  static async open(): Promise<TokenScene> {
    const stores = await openStores();
    return new TokenScene(stores, await createApplication(stores.database));
  }

  async startProcess(environment: Record<string, string> = {}, secret = SECRET): Promise<TokenProcess> {
    const { database } = this.stores;
    const settings = readSettings(environment);
    const source = new SqlFactSource({ database, catchUp: async () => undefined });
    const ttlMs = { user: HOUR_MS, application: HOUR_MS, chat: HOUR_MS, member: HOUR_MS, message: HOUR_MS };
    const facts = new CachedFacts({ source, ttlMs, max: 1_000 });
    const users = new UserStore(database, { requestTtlMs: HOUR_MS });
    const keys = await SigningKeys.open(new SigningKeyStore(database, secret), SILENT);
    this.#keys.push(keys);
    const firstSight = new FirstSeenUsers(users, facts);
    const logged: Record<string, unknown>[] = [];
    const log = pino({ level: "info" }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    const tokens = createTokens({
      ...{ settings, database, facts, firstSight, secret, signingKeys: keys, keyMaxAgeMs: 1_000, log },
      pageSizes: { standard: 50, max: 100 },
    });
    const authenticate = async (token: string) => {
      const header = `Bearer ${token}`;
      return tokens.accessTokens.recall(header) ?? tokens.accessTokens.authenticate(header, token);
    };
    return { ...tokens, keys, facts, users, firstSight, settings, logged, authenticate };
  }

  /** Makes a user of the application, under an id of its own. */
  async createUser(): Promise<UserName> {
    const user = `user-${++this.#users}`;
    await createUser(this.stores.database, this.application, user);
    return { application: this.application, user };
  }

  close(): Promise<void> {
    for (const keys of this.#keys) keys.stop();
    return this.stores.close();
  }
}
