import type { Logger } from "pino";
import { SharedCall } from "../process/shared-call.ts";
import type { SigningKey } from "./signing-key.ts";
import type { SigningKeyStore } from "./signing-key-store.ts";

/** How often the keys are read again, in milliseconds. */
const RELOAD_MS = 60_000;
/** A key that is not known has them read again, at most so often: anybody can name one. In milliseconds. */
const UNKNOWN_RELOAD_MS = 1_000;

/** The signing keys as this process knows them. */
export class SigningKeys {
  readonly #store: SigningKeyStore;
  readonly #log: Logger;
  readonly #reloads = new SharedCall(() => this.#reload());
  #keys = new Map<string, SigningKey>();
  #told = new Set<string>();
  #askedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(store: SigningKeyStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /**
   * Reads the keys, and makes one where there is none that can be decrypted and goes on signing. They are read again until
   * `stop`.
   */
  static async open(store: SigningKeyStore, log: Logger): Promise<SigningKeys> {
    const keys = new SigningKeys(store, log);
    await keys.#load();
    if (!keys.published(Date.now()).some(({ expireTimeMs }) => expireTimeMs === undefined)) {
      await store.add(Date.now());
      await keys.#load();
    }
    keys.#timer = setInterval(() => void keys.#reloads.ask(), RELOAD_MS).unref();
    return keys;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What to sign with: the newest key whose time has come. */
  async signer(): Promise<SigningKey> {
    const known = this.#signer(Date.now());
    if (known) return known;
    await this.#load();
    const found = this.#signer(Date.now());
    if (found) return found;
    throw new Error("there is no signing key that can be used: make one by `npm run token-keys -- rotate`");
  }

  /** The key of an id, where its tokens are accepted and it is known here. */
  accepted(id: string, nowMs: number): SigningKey | undefined {
    const key = this.#keys.get(id);
    return key && isAccepted(key, nowMs) ? key : undefined;
  }

  /** The key of an id, where its tokens are accepted. One that is not known here may be new. */
  async find(id: string): Promise<SigningKey | undefined> {
    const now = Date.now();
    if (!this.#keys.has(id) && now - this.#askedAtMs >= UNKNOWN_RELOAD_MS) {
      this.#askedAtMs = now;
      await this.#reloads.ask();
    }
    return this.accepted(id, now);
  }

  /** The keys whose tokens are accepted now or soon. */
  published(nowMs: number): SigningKey[] {
    return [...this.#keys.values()].filter((key) => isAccepted(key, nowMs));
  }

  /** One whose time has not come where there is no other: the clock of the process that made it may be ahead. */
  #signer(nowMs: number): SigningKey | undefined {
    const newestFirst = this.published(nowMs);
    const ready = newestFirst.filter(({ signTimeMs }) => signTimeMs <= nowMs);
    return ready.find(({ expireTimeMs }) => expireTimeMs === undefined) ?? ready[0] ?? newestFirst.at(-1);
  }

  /** Keys that were known stay so where the database is away. */
  async #reload(): Promise<void> {
    await this.#load().catch((err) => this.#log.warn({ err }, "the signing keys cannot be read; they will be again"));
  }

  async #load(): Promise<void> {
    const { keys, unopened } = await this.#store.load();
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    const untold = unopened.filter((id) => !this.#told.has(id));
    this.#told = new Set(unopened);
    if (untold.length === 0) return;
    this.#log.warn(
      "signing keys are left out, with all tokens that they signed: they were made with another TOKEN_SECRET",
    );
  }
}

function isAccepted({ expireTimeMs }: SigningKey, nowMs: number): boolean {
  return expireTimeMs === undefined || expireTimeMs > nowMs;
}
