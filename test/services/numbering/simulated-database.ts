import type { CounterName, NumberRequest } from "../../../services/numbering/numbering.ts";
import type {
  CounterClaim,
  CounterSeed,
  CreateRequestName,
  NumberingSource,
  StoredCreateRequest,
} from "../../../services/numbering/numbering-source.ts";

/** A create as the write queue holds it. */
export type QueuedCreate = { request: NumberRequest; first: number; createTimeMs: number; epoch?: number };

/** A counter's name as one text. */
export function counterNameOf({ application, chat }: CounterName): string {
  return chat === undefined ? application : `${application}/${chat}`;
}
const requestKeyOf = (name: CounterName & { principal: string; requestId: string }) =>
  `${counterNameOf(name)} ${name.principal} ${name.requestId}`;

/** A database that knows only what was persisted, as numbering sees it. */
export class SimulatedDatabase implements NumberingSource {
  /** Whether it does not answer. */
  away = false;
  readonly #counters = new Map<string, CounterSeed>();
  /** The epoch that each counter was last claimed for, or made in. */
  readonly #epochs = new Map<string, number>();
  readonly #requests = new Map<string, StoredCreateRequest>();
  /** Of each counter every number that is stored, with what made it and when. */
  readonly #numbers = new Map<string, Map<number, { maker: string; createTimeMs: number }>>();

  create(counter: CounterName, seed: CounterSeed = { last: 0, lastTimeMs: 0 }): void {
    this.#counters.set(counterNameOf(counter), seed);
  }

  delete(counter: CounterName): void {
    const key = counterNameOf(counter);
    for (const known of [...this.#counters.keys()]) {
      if (known === key || known.startsWith(`${key}/`)) this.#counters.delete(known);
    }
  }

  /** Writes a create as the writer does: what is in a chat that is gone, and twins, are dropped. */
  persist({ request, first, createTimeMs, epoch = 0 }: QueuedCreate): void {
    const counter = this.#counters.get(counterNameOf(request));
    if (!counter) return;
    const maker = request.request ? requestKeyOf({ ...request, ...request.request }) : `no request ${Math.random()}`;
    const known = this.#requests.get(maker);
    if (known && known.first === first && known.createTimeMs === createTimeMs) return;
    if (known) throw new Error(`${maker} made ${known.first} and now ${first}`);
    for (let number = first; number < first + request.count; number++) {
      this.#enter(counterNameOf(request), number, { maker, createTimeMs });
    }
    if (request.request) this.#requests.set(maker, { first, createTimeMs, digest: request.request.digest });
    counter.last = Math.max(counter.last, first + request.count - 1);
    counter.lastTimeMs = Math.max(counter.lastTimeMs, createTimeMs);
    if (request.chat === undefined) {
      const chat = { application: request.application, chat: first };
      this.create(chat, { last: 0, lastTimeMs: createTimeMs });
      this.#epochs.set(counterNameOf(chat), epoch);
    }
  }

  async seed(counter: CounterName): Promise<CounterSeed | undefined> {
    this.#check();
    const seed = this.#counters.get(counterNameOf(counter));
    return seed && { ...seed };
  }

  async claim(counter: CounterName, epoch: number): Promise<CounterClaim | undefined> {
    const seed = await this.seed(counter);
    const key = counterNameOf(counter);
    const before = this.#epochs.get(key) ?? 0;
    if (seed && before < epoch) this.#epochs.set(key, epoch);
    return seed && { ...seed, epoch: Math.max(before, epoch), isOurs: before < epoch };
  }

  async findRequests(names: readonly CreateRequestName[]): Promise<(StoredCreateRequest | undefined)[]> {
    this.#check();
    return names.map((name) => this.#requests.get(requestKeyOf(name)));
  }

  /** Whether a create is stored under its numbers. */
  has({ request, first }: Pick<QueuedCreate, "request" | "first">): boolean {
    const numbers = this.#numbers.get(counterNameOf(request));
    return Array.from({ length: request.count }, (_, index) => first + index).every((number) => numbers?.has(number));
  }

  /** The create_times of each counter, in the order of the numbers. */
  times(): number[][] {
    return [...this.#numbers.values()].map((numbers) =>
      [...numbers].sort(([a], [b]) => a - b).map(([, { createTimeMs }]) => createTimeMs),
    );
  }

  #enter(key: string, number: number, made: { maker: string; createTimeMs: number }): void {
    const numbers = this.#numbers.get(key) ?? new Map();
    const other = numbers.get(number);
    if (other) throw new Error(`${key}#${number} was given to ${other.maker} and to ${made.maker}`);
    this.#numbers.set(key, numbers.set(number, made));
  }

  #check(): void {
    if (this.away) throw new Error("the database is away");
  }
}
