import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 120_000;
const POLL_MS = 10;

/** The index of an installation in Elasticsearch, as it is seen from outside. */
export class SearchedIndex {
  readonly #url: string;
  readonly #alias: string;

  constructor(url: string, alias: string) {
    this.#url = url;
    this.#alias = alias;
  }

  /** Deletes it; an indexer at work makes another one soon. */
  async delete(): Promise<void> {
    const found = await fetch(`${this.#url}/_alias/${this.#alias}`);
    const names = found.ok ? Object.keys((await found.json()) as object) : [];
    for (const name of names) await fetch(`${this.#url}/${name}`, { method: "DELETE" });
  }

  /** Resolves once there is one. */
  made(): Promise<void> {
    return this.#until(async () => (await fetch(`${this.#url}/_alias/${this.#alias}`, { method: "HEAD" })).ok);
  }

  /** Resolves once it is fed up to a mark. */
  reached(mark: number): Promise<void> {
    return this.#until(async () => {
      const answer = await fetch(`${this.#url}/${this.#alias}/_doc/position?routing=-`);
      const { _version: version = 0 } = (await answer.json()) as { _version?: number };
      return version >= mark;
    });
  }

  async #until(isReached: () => Promise<boolean>): Promise<void> {
    for (const limit = performance.now() + PATIENCE_MS; !(await isReached()); await delay(POLL_MS)) {
      if (performance.now() > limit) throw new Error(`the index ${this.#alias} did not get there in time`);
    }
  }
}
