import { randomUUID } from "node:crypto";
import type { Client, estypes } from "@elastic/elasticsearch";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { type FedIndex, findFedIndex } from "./elasticsearch-index-position.ts";
import {
  NEXT_SUFFIX,
  type SearchIndexNames,
  searchIndexNames,
  searchIndexTemplate,
} from "./elasticsearch-search-mapping.ts";

/** An installation has an index of messages, but of another version of Parley. */
export class IndexVersionError extends Error {
  constructor(wanted: string, found: { alias: string }[]) {
    super(
      `Elasticsearch has ${found.map(({ alias }) => alias).join(", ")}, made by another version of Parley, and not ${wanted}: run \`npm run reindex\` with this version`,
    );
    this.name = "IndexVersionError";
  }
}

/** Which indices an installation has, and what for: an alias each says which one is searched and which is being made. */
export class IndexGenerations {
  readonly #client: Client;
  readonly #names: SearchIndexNames;

  constructor(client: Client, installation: string) {
    this.#client = client;
    this.#names = searchIndexNames(installation);
  }

  /** The alias to search. */
  get alias(): string {
    return this.#names.current;
  }

  /** The index that is searched, if there is one of this version. */
  find(): Promise<FedIndex | undefined> {
    return findFedIndex(this.#client, this.#names.current);
  }

  /**
   * The index that is searched. Where the installation has none, it is made; IndexVersionError where it has one of
   * another version.
   */
  async current(): Promise<FedIndex> {
    const { current } = this.#names;
    const found = await this.find();
    if (found !== undefined) return found;
    const inUse = await this.#inUse();
    // Another process has made it since.
    if (inUse.some(({ alias }) => alias === current)) return this.current();
    if (inUse.length > 0) throw new IndexVersionError(current, inUse);
    return this.#createAs(current);
  }

  /** The index that is being made, if there is one. */
  next(): Promise<FedIndex | undefined> {
    return findFedIndex(this.#client, this.#names.next);
  }

  /** The index that is being made. Where there is none, one is begun; of several that begin at once, one is. */
  async beginNext(): Promise<FedIndex> {
    return (await this.next()) ?? this.#createAs(this.#names.next);
  }

  /** The highest position of those that are searched, of other versions too; 0 where there is none. */
  async positionInUse(): Promise<CommitMark> {
    const aliases = (await this.#inUse()).map(({ alias }) => alias);
    const found = await Promise.all(aliases.map((alias) => findFedIndex(this.#client, alias)));
    return Math.max(0, ...found.map((fed) => fed?.position ?? 0));
  }

  /**
   * Puts the index that was made in the place of those in use, also of other versions, at once; searches that began
   * before end with the old ones. ElasticsearchFailure where it is not being made any more.
   */
  async promote(index: string): Promise<void> {
    const { current, next } = this.#names;
    await this.#updateAliases([
      ...(await this.#inUse()).map(({ index, alias }) => ({ remove: { index, alias, must_exist: true } })),
      { remove: { index, alias: next, must_exist: true } },
      { add: { index, alias: current, is_write_index: true } },
    ]);
  }

  /**
   * Puts an empty index in the place of the one that is searched, which is deleted. Of several processes that do so at
   * once, some may reject with ElasticsearchFailure; what those made is deleted.
   */
  async replaceCurrent(): Promise<void> {
    const { current } = this.#names;
    const { index: old } = await this.current();
    const empty = await this.#create();
    try {
      await this.#updateAliases([
        { remove_index: { index: old } },
        { add: { index: empty, alias: current, is_write_index: true } },
      ]);
    } catch (error) {
      // It is in place all the same where only the answer was lost.
      const found = await this.find();
      if (found?.index === empty) return;
      await this.delete(empty);
      throw error;
    }
  }

  /** Deletes every index, of other versions too, that is neither searched nor being made for this one. */
  async deleteOthers(): Promise<void> {
    const { current, next, everyVersion } = this.#names;
    const indices = await answered(this.#client.indices.getAlias({ index: everyVersion }));
    const others = Object.entries(indices).filter(([, { aliases }]) => !(current in aliases) && !(next in aliases));
    for (const [index] of others) await this.delete(index);
  }

  /** Deletes an index; one that is gone is fine. */
  async delete(index: string): Promise<void> {
    try {
      await answered(this.#client.indices.delete({ index }));
    } catch (error) {
      if (!(error instanceof ElasticsearchFailure) || !error.isIndexMissing()) throw error;
    }
  }

  /** All indices of an installation that are searched, by this version or another. */
  async #inUse(): Promise<{ index: string; alias: string }[]> {
    const found = await this.#withAlias(this.#names.everyVersion);
    return found.filter(({ alias }) => !alias.endsWith(NEXT_SUFFIX));
  }

  /** @param pattern may have a `*` */
  async #withAlias(pattern: string): Promise<{ index: string; alias: string }[]> {
    try {
      const indices = await answered(this.#client.indices.getAlias({ name: pattern }));
      return Object.entries(indices).flatMap(([index, { aliases }]) =>
        Object.keys(aliases).map((alias) => ({ index, alias })),
      );
    } catch (error) {
      if (error instanceof ElasticsearchFailure && error.status === 404) return [];
      throw error;
    }
  }

  /** Makes an index under an alias that no other one has; where another process was first, it is that one's. */
  async #createAs(alias: string): Promise<FedIndex> {
    try {
      return { index: await this.#create({ [alias]: { is_write_index: true } }), position: 0 };
    } catch (error) {
      // Elasticsearch lets no alias have two indices that it writes to.
      const first = await findFedIndex(this.#client, alias);
      if (first === undefined) throw error;
      return first;
    }
  }

  async #create(aliases: Record<string, estypes.IndicesAlias> = {}): Promise<string> {
    await answered(this.#client.indices.putIndexTemplate(searchIndexTemplate(this.#names)));
    const index = `${this.#names.prefix}${randomUUID()}`;
    await answered(this.#client.indices.create({ index, aliases }));
    return index;
  }

  async #updateAliases(actions: estypes.IndicesUpdateAliasesAction[]): Promise<void> {
    await answered(this.#client.indices.updateAliases({ actions }));
  }
}
