import { Client } from "@elastic/elasticsearch";
import fc from "fast-check";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createElasticsearchClient } from "../../../services/elasticsearch/elasticsearch-client.ts";
import { IndexGenerations } from "../../../services/search/elasticsearch-index-generations.ts";
import type { ElasticsearchSearchIndex } from "../../../services/search/elasticsearch-search-index.ts";
import { openElasticsearchIndex } from "../../../services/search/elasticsearch-search-index.ts";
import { foldText } from "../../../services/search/folded-text.ts";
import { SearchIndexError } from "../../../services/search/search-index.ts";
import { parseSearchQuery } from "../../../services/search/search-query.ts";
import { createTermFinder, SearchedText } from "../../../services/search/term-finder.ts";
import { describeOn, newName } from "../../servers/shared-server.ts";
import { upTo } from "./change-span.ts";
import { changesOf, documentOf, find, messageOf, openTestIndex } from "./elasticsearch-scene.ts";
import { describeSearchIndex } from "./search-index-contract.ts";

const RUNS_TIMEOUT = 120_000;
const ADDRESS_OF_NOBODY = "http://127.0.0.1:1";

describeOn("elasticsearch", "on a server", (server) => {
  describeSearchIndex("Elasticsearch", async () => openTestIndex(server.url, newName()));

  describe("Elasticsearch search index", () => {
    let installation: string;
    let index: ElasticsearchSearchIndex;
    let client: Client;

    beforeEach(() => {
      installation = newName();
      index = openTestIndex(server.url, installation);
      client = new Client({ node: server.url });
    });
    afterEach(async () => {
      await index.close();
      await client.indices.delete({ index: await indicesOf(client, installation) });
      await client.close();
    });

    test("finds a phrase exactly where the text has it", { timeout: RUNS_TIMEOUT }, async () => {
      const piece = fc.constantFrom("ab", "a", "猫", "犬", "猫犬", "か\u3099", "👍", "\u0301", " ", ", ", "+", "_1");
      const texts = fc.array(fc.array(piece, { maxLength: 8 }), { minLength: 20, maxLength: 20 });
      const words = fc.array(fc.constantFrom("ab", "a", "猫", "犬", "猫犬", "か\u3099", "👍", "ab猫"), {
        minLength: 1,
        maxLength: 4,
      });
      let mark = 0;
      await fc.assert(
        fc.asyncProperty(texts, words, async (pieces, phrase) => {
          const chat = ++mark;
          const bodies = pieces.map((text) => text.join(""));
          const upserts = bodies.map((body, i) => documentOf({ chat, number: i + 1, body, changeMark: mark }));
          await index.apply(changesOf({ upserts }), upTo(mark));
          const query = `"${phrase.join(" ")}"`;
          const finders = parseSearchQuery(query).map(createTermFinder);
          const matching = bodies.flatMap((body, i) => {
            const text = new SearchedText(foldText(body));
            return finders.every((finder) => !finder(text).next().done) ? [i + 1] : [];
          });
          expect(await find(index, query, { chat })).toEqual(matching.reverse());
        }),
        { numRuns: 40 },
      );
    });

    test("finds characters that Elasticsearch takes for white space", async () => {
      await index.apply(changesOf({ upserts: [documentOf({ body: "a\u001cbc\u001fd" })] }), upTo(1));
      for (const query of ["\u001c", "a\u001c", "c\u001fd", "a\u001cbc\u001fd"])
        expect(await find(index, query)).toEqual([1]);
      expect(await find(index, "abc")).toEqual([]);
    });

    test("tells words apart that are longer than Elasticsearch's", async () => {
      const word = "x".repeat(300);
      const bodies = [word, `${word}y`, `${word} y`];
      await index.apply(changesOf({ upserts: bodies.map((body, i) => documentOf({ number: i + 1, body })) }), upTo(1));
      expect(await find(index, `"${word}"`)).toEqual([3, 1]);
      expect(await find(index, `"${"x".repeat(255)}"`)).toEqual([]);
    });

    test("takes the longest body", async () => {
      const body = Array.from({ length: 20_000 }, (_, i) => String.fromCodePoint(0x20000 + (i % 40_000))).join("");
      await index.apply(changesOf({ upserts: [documentOf({ body })] }), upTo(1));
      expect(await find(index, body.slice(10_000, 10_512))).toEqual([1]);
    });

    test("keeps what is newer, whoever is late", async () => {
      const other = openTestIndex(server.url, installation);
      const older = changesOf({
        upserts: [documentOf({ body: "old", changeMark: 5 }), documentOf({ number: 2, changeMark: 6 })],
      });
      const newer = changesOf({
        upserts: [documentOf({ body: "new", changeMark: 7 })],
        removals: [messageOf({ number: 2, changeMark: 8 })],
      });
      await Promise.all([index.apply(older, upTo(6)), other.apply(newer, { after: 0, upTo: 9 })]);
      await index.apply(older, upTo(10));
      await other.close();
      expect(await find(index, "new")).toEqual([1]);
      expect(await find(index, "old")).toEqual([]);
      expect(await find(index, "apple")).toEqual([]);
      expect(await index.position()).toBe(10);
    });

    test("does not take messages of a chat or application that was removed before", async () => {
      await index.apply(
        changesOf({ removedChats: [{ application: "a", chat: 1 }], removedApplications: ["b"] }),
        upTo(9),
      );
      const upserts = [
        documentOf({}),
        documentOf({ chat: 2 }),
        documentOf({ application: "b" }),
        documentOf({ application: "bb" }),
      ];
      await index.apply(changesOf({ upserts }), upTo(10));
      expect(await find(index, "apple")).toEqual([]);
      expect(await find(index, "apple", { chat: 2 })).toEqual([1]);
      expect(await find(index, "apple", { application: "b" })).toEqual([]);
      expect(await find(index, "apple", { application: "bb" })).toEqual([1]);
    });

    test("removes a chat of more messages than are deleted at a time, and its tombstones", {
      timeout: RUNS_TIMEOUT,
    }, async () => {
      const upserts = Array.from({ length: 12_000 }, (_, i) => documentOf({ number: i + 1 }));
      await index.apply(changesOf({ upserts }), upTo(1));
      await index.apply(changesOf({ removals: [messageOf({ number: 7, changeMark: 2 })] }), upTo(2));
      await index.apply(changesOf({ removedChats: [{ application: "a", chat: 1 }] }), upTo(3));
      expect(await find(index, "apple")).toEqual([]);
      const { count } = await client.count({
        index: await indicesOf(client, installation),
        routing: "a/1",
        query: { match_all: {} },
      });
      expect(count).toBeLessThan(3);
    });

    test("is one index where several processes begin at once", async () => {
      const others = Array.from({ length: 5 }, () => openTestIndex(server.url, installation));
      expect(await Promise.all(others.map((other) => other.position()))).toEqual([0, 0, 0, 0, 0]);
      await Promise.all(others.map((other) => other.close()));
      expect(await indicesOf(client, installation)).toHaveLength(1);
    });

    test("is taken as it is where another process makes it meanwhile", async () => {
      const own = createElasticsearchClient([server.url]);
      onTestFinished(() => own.close());
      const getAlias = own.indices.getAlias.bind(own.indices);
      vi.spyOn(own.indices, "getAlias").mockImplementationOnce((async (...parameters: Parameters<typeof getAlias>) => {
        await index.position();
        return getAlias(...parameters);
      }) as typeof getAlias);
      const { index: found } = await new IndexGenerations(own, installation).current();
      expect(await indicesOf(client, installation)).toEqual([found]);
    });

    test("is made anew where it was deleted, and by no write", async () => {
      await index.apply(changesOf({ upserts: [documentOf({})] }), upTo(5));
      await client.indices.delete({ index: await indicesOf(client, installation) });
      await expect(find(index, "apple")).rejects.toBeInstanceOf(SearchIndexError);
      expect(await index.apply(changesOf({ upserts: [documentOf({})] }), { after: 5, upTo: 6 })).toBe(0);
      expect(await find(index, "apple")).toEqual([]);
      expect(await index.position()).toBe(0);
    });

    test("is made by no check, which tells whether there is one", async () => {
      const noIndex = { name: "SearchIndexError", cause: { message: expect.stringContaining("has no index") } };
      await expect(index.check()).rejects.toMatchObject(noIndex);
      expect(await indicesOf(client, installation)).toEqual([]);
      await index.position();
      await index.check();
    });

    test("is one index where several processes reset it at once", async () => {
      const others = Array.from({ length: 4 }, () => openTestIndex(server.url, installation));
      await index.position();
      const resets = await Promise.allSettled([index, ...others].map((each) => each.reset()));
      expect(resets.map(({ status }) => status)).toContain("fulfilled");
      for (const reset of resets) {
        if (reset.status === "rejected") expect(reset.reason).toBeInstanceOf(SearchIndexError);
      }
      await Promise.all(others.map((other) => other.close()));
      expect(await indicesOf(client, installation)).toHaveLength(1);
    });

    test("refuses an index of another version, and says what to do", async () => {
      await client.indices.create({
        index: `${installation}_messages_v0_index_1`,
        aliases: { [`${installation}_messages_v0`]: {} },
      });
      const settings = { ELASTICSEARCH_URL: [server.url], INSTALLATION: installation };
      await expect(openElasticsearchIndex(settings, pino({ level: "silent" }))).rejects.toThrow(
        "run `npm run reindex`",
      );
    });

    test("takes the operator's settings from a component template", async () => {
      const name = `${installation}_messages@custom`;
      await client.cluster.putComponentTemplate({ name, template: { settings: { number_of_shards: 3 } } });
      await index.position();
      const [found] = Object.values(await client.indices.getSettings({ index: await indicesOf(client, installation) }));
      expect(found?.settings?.index?.number_of_shards).toBe("3");
    });

    test("gives a search up whose caller is gone", async () => {
      await index.position();
      const gone = new AbortController();
      const search = find(index, "apple");
      const given = index.search(
        { application: "a", chat: 1, order: "newest", limit: 1, terms: parseSearchQuery("apple") },
        gone.signal,
      );
      gone.abort(new Error("gone"));
      await expect(given).rejects.toThrow("gone");
      expect(await search).toEqual([]);
    });
  });
});

describe("Elasticsearch search index without a server", () => {
  test("opens, and fails where it is used", async () => {
    const settings = { ELASTICSEARCH_URL: [ADDRESS_OF_NOBODY], INSTALLATION: "test" };
    const index = await openElasticsearchIndex(settings, pino({ level: "silent" }));
    await expect(find(index, "apple")).rejects.toBeInstanceOf(SearchIndexError);
    await expect(index.position()).rejects.toBeInstanceOf(SearchIndexError);
    await expect(index.check()).rejects.toBeInstanceOf(SearchIndexError);
    await expect(index.apply(changesOf({}), upTo(1))).rejects.toBeInstanceOf(SearchIndexError);
    await index.close();
  });
});

async function indicesOf(client: Client, installation: string): Promise<string[]> {
  return Object.keys(await client.indices.getAlias({ index: `${installation}_messages_*` }));
}
