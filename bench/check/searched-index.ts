import { until } from "../measure/until.ts";

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
  async made(): Promise<void> {
    const isMade = async () => (await fetch(`${this.#url}/_alias/${this.#alias}`, { method: "HEAD" })).ok;
    await until(`there is an index ${this.#alias}`, isMade);
  }

  /** Resolves once it is fed up to a mark. */
  async reached(mark: number): Promise<void> {
    await until(`the index ${this.#alias} is fed up to ${mark}`, async () => {
      const answer = await fetch(`${this.#url}/${this.#alias}/_doc/position?routing=-`);
      const { _version: version = 0 } = (await answer.json()) as { _version?: number };
      return version >= mark;
    });
  }
}
