import { inTime } from "./in-time.ts";

/** How long the look-up of what was known may take, in milliseconds. */
const REFRESH_TIMEOUT_MS = 250;
const LATE: unique symbol = Symbol("the store did not answer, or not in time");

/** What was found, and until when it is believed, in milliseconds since 1970. */
type Known<Value> = { value: Value; untilMs: number };

export type BelievedOptions<Value> = {
  /** Finds the value of a key. */
  look: (key: string) => Promise<Value | undefined>;
  /** How long a value is believed, in milliseconds, before it is looked up again. */
  maxAgeMs: number;
  /** How many values are kept; the one that was looked up first makes room. */
  max: number;
};

/** What a store says of credentials, believed for a while. What the store does not know is not kept. */
export class Believed<Value> {
  readonly #options: BelievedOptions<Value>;
  readonly #known = new Map<string, Known<Value>>();
  readonly #finding = new Map<string, Promise<Value | undefined>>();
  /** Rises with every `forget`, so that a look-up under way does not bring an old value back. */
  #generation = 0;

  constructor(options: BelievedOptions<Value>) {
    this.#options = options;
  }

  /** The value of a key, where it is known and still believed. */
  recall(key: string, nowMs: number): Value | undefined {
    const known = this.#known.get(key);
    return known !== undefined && known.untilMs > nowMs ? known.value : undefined;
  }

  /** Whether there is a value of a key, believed or to be looked up again. */
  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** The value of a key, looked up where it is not believed. Calls that come with the same key share one look-up. */
  async find(key: string): Promise<Value | undefined> {
    const known = this.#known.get(key);
    if (!known) return this.#find(key);
    return known.untilMs > Date.now() ? known.value : this.#findAgain(key, known);
  }

  /** Forgets the values for which this holds. */
  forget(isForgotten: (value: Value, key: string) => boolean): void {
    for (const [key, { value }] of this.#known) if (isForgotten(value, key)) this.#known.delete(key);
    this.#finding.clear();
    this.#generation++;
  }

  /** A store that is away or slow takes nobody's credential: what was known is believed for another while. */
  async #findAgain(key: string, known: Known<Value>): Promise<Value | undefined> {
    const found = await inTime(this.#find(key), REFRESH_TIMEOUT_MS).catch((): typeof LATE => LATE);
    if (found !== LATE) return found;
    known.untilMs = Date.now() + this.#options.maxAgeMs;
    return known.value;
  }

  #find(key: string): Promise<Value | undefined> {
    const running = this.#finding.get(key);
    if (running) return running;
    const finding = this.#lookUp(key).finally(() => {
      if (this.#finding.get(key) === finding) this.#finding.delete(key);
    });
    this.#finding.set(key, finding);
    return finding;
  }

  async #lookUp(key: string): Promise<Value | undefined> {
    const generation = this.#generation;
    const untilMs = Date.now() + this.#options.maxAgeMs;
    const value = await this.#options.look(key);
    this.#known.delete(key);
    if (value === undefined || generation !== this.#generation) return value;
    if (this.#known.size >= this.#options.max) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(key, { value, untilMs });
    return value;
  }
}
