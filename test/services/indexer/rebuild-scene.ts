import { Client } from "@elastic/elasticsearch";
import { pino } from "pino";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { ChangeFeed } from "../../../services/indexer/change-feed.ts";
import { type RebuildProgress, rebuildIndex } from "../../../services/indexer/index-rebuild.ts";
import { Indexer } from "../../../services/indexer/indexer.ts";
import { ElasticsearchIndexBuild } from "../../../services/search/elasticsearch-index-build.ts";
import type { ElasticsearchSearchIndex } from "../../../services/search/elasticsearch-search-index.ts";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { newName } from "../../servers/shared-server.ts";
import { find, openTestIndex } from "../search/elasticsearch-scene.ts";
import { WriterScene } from "../writer/writer-scene.ts";
import { messagesWrite, newMessage } from "../writes.ts";

/** Lets a rebuild go on, or ends it by an error as if its process had been killed. */
export type Watch = (progress: RebuildProgress) => void;

/** A database whose writer, indexers and rebuilds are under a test's control, and its index in Elasticsearch. */
export class RebuildScene {
  readonly installation = newName();
  readonly index: ElasticsearchSearchIndex;
  readonly client: Client;
  readonly writer: WriterScene;
  readonly horizon = new Horizon(0);
  readonly chat: ChatName;
  readonly #indexers: Indexer[] = [];
  #written = 0;

  private constructor(url: string, writer: WriterScene, chat: ChatName) {
    this.index = openTestIndex(url, this.installation);
    this.client = new Client({ node: url });
    this.writer = writer;
    this.chat = chat;
  }

  static async open(url: string): Promise<RebuildScene> {
    const writer = await WriterScene.open();
    return new RebuildScene(url, writer, await writer.createChat());
  }

  /** Starts an indexer on an index of its own, or on the scene's. */
  startIndexer(index = this.index): Indexer {
    const log = pino({ level: "silent" });
    const indexer = new Indexer({ feed: this.feed(), index, horizon: this.horizon, log });
    this.#indexers.push(indexer);
    indexer.start();
    return indexer;
  }

  feed(): ChangeFeed {
    return new ChangeFeed(this.writer.stores.database);
  }

  /** Stores the next messages of the chat, the body of each of which is its number and `apple`; tells the indexers. */
  async write(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, () => ++this.#written);
    const messages = numbers.map((number) => newMessage(this.chat, number, { body: `${number} apple` }));
    await this.writer.apply(messagesWrite(this.chat, messages));
    await this.tell();
  }

  /** Tells the indexers what the writer has done. */
  async tell(): Promise<void> {
    this.horizon.advance(endOfRecord(await this.writer.stores.queue.end()));
  }

  /** Rebuilds the index; the old one goes as soon as it is replaced. */
  async rebuild(watch: Watch = () => undefined): Promise<void> {
    const { client, installation } = this;
    const { signal } = new AbortController();
    const build = new ElasticsearchIndexBuild({
      client,
      installation,
      log: pino({ level: "silent" }),
      signal,
      graceMs: 0,
    });
    await rebuildIndex({ feed: this.feed(), build, report: watch }, signal);
  }

  /** How many messages of the chat the newest 500 that are found are. */
  async found(): Promise<number[]> {
    return find(this.index, "apple", this.chat);
  }

  /** Whether a message is found by its number. */
  async has(number: number): Promise<boolean> {
    return (await find(this.index, `"${number} apple"`, this.chat)).includes(number);
  }

  /** All indices of the installation. */
  async indices(): Promise<string[]> {
    return Object.keys(await this.client.indices.getAlias({ index: `${this.installation}_messages_*` }));
  }

  async close(): Promise<void> {
    await Promise.all(this.#indexers.map((indexer) => indexer.stop()));
    await this.index.close();
    await this.client.indices.delete({ index: await this.indices(), ignore_unavailable: true });
    await this.client.close();
    await this.writer.close();
  }
}
