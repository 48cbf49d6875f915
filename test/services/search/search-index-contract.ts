import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  InvalidCursorError,
  type SearchChanges,
  type SearchDocument,
  type SearchedMessage,
  type SearchHit,
  type SearchIndex,
  type SearchRequest,
} from "../../../services/search/search-index.ts";
import { parseSearchQuery } from "../../../services/search/search-query.ts";
import { upTo } from "./change-span.ts";
import { SEARCH_CASES } from "./search-cases.ts";
import { chatText, withPart } from "./search-texts.ts";

const RUNS = 60;
/** For many runs against an adapter on a server, in milliseconds. */
const RUNS_TIMEOUT = 120_000;

/**
 * What every adapter of SearchIndex must do.
 *
 * @param open gives a new, empty index whose searches see every change that was applied before
 */
export function describeSearchIndex(adapter: string, open: () => Promise<SearchIndex>): void {
  describe(`search index: ${adapter}`, () => {
    let index: SearchIndex;
    let applications = 0;
    let position = 0;

    beforeAll(async () => {
      index = await open();
    });
    afterAll(() => index.close());

    const newApplication = () => `application${++applications}`;
    const apply = (changes: TestChanges) => index.apply(changesOf(changes, ++position), upTo(position));
    const upsert = (...upserts: TestDocument[]) => apply({ upserts });
    const find = async (request: Partial<SearchRequest> & { application: string }, query: string) =>
      numbersOf(await index.search(requestOf(request, query)));

    describe("finds", () => {
      test.each(SEARCH_CASES)("$name", async ({ texts, query, finds }) => {
        const application = newApplication();
        await upsert(...texts.map((body, i) => documentOf({ application, number: i + 1, body })));
        for (const order of ["newest", "relevance"] as const) {
          expect((await find({ application, order }, query)).sort()).toEqual(finds);
        }
      });

      test("a text by any part of it that has no white space or quote", { timeout: RUNS_TIMEOUT }, async () => {
        await fc.assert(
          fc.asyncProperty(withPart(chatText()), async ({ text, part }) => {
            const application = newApplication();
            await upsert(documentOf({ application, body: text }));
            expect(await find({ application }, part)).toEqual([1]);
          }),
          { numRuns: RUNS },
        );
      });

      test("never anything of another chat or application, whatever the query", { timeout: RUNS_TIMEOUT }, async () => {
        const application = newApplication();
        const other = newApplication();
        await fc.assert(
          fc.asyncProperty(fc.array(chatText(), { minLength: 1, maxLength: 4 }), chatText(), async (texts, query) => {
            const strangers = [...texts, query].flatMap((body, i) => [
              documentOf({ application, chat: 2, number: i + 1, body }),
              documentOf({ application: other, chat: 1, number: i + 1, body }),
            ]);
            await upsert(documentOf({ application, number: 99, body: "something else" }), ...strangers);
            for (const order of ["newest", "relevance"] as const) {
              expect([[], [99]]).toContainEqual(await find({ application, order }, query));
            }
          }),
          { numRuns: RUNS },
        );
      });
    });

    describe("filters", () => {
      const application = "filters";
      beforeAll(() =>
        upsert(
          documentOf({ application, number: 1, body: "tea", author: "ann", createTimeMs: 1_000 }),
          documentOf({ application, number: 2, body: "tea", author: "bob", createTimeMs: 2_000 }),
          documentOf({ application, number: 3, body: "tea", author: "ann", internal: true, createTimeMs: 3_000 }),
        ),
      );

      test.each([
        { name: "author", filter: { author: "ann" }, finds: [3, 1] },
        { name: "an unknown author", filter: { author: "an" }, finds: [] },
        { name: "start time, inclusive", filter: { startTimeMs: 2_000 }, finds: [3, 2] },
        { name: "end time, exclusive", filter: { endTimeMs: 3_000 }, finds: [2, 1] },
        { name: "an interval", filter: { startTimeMs: 1_001, endTimeMs: 2_001 }, finds: [2] },
        { name: "an empty interval", filter: { startTimeMs: 2_000, endTimeMs: 2_000 }, finds: [] },
        { name: "start time 0", filter: { startTimeMs: 0 }, finds: [3, 2, 1] },
        { name: "end time 0", filter: { endTimeMs: 0 }, finds: [] },
        { name: "being no note", filter: { withoutNotes: true }, finds: [2, 1] },
        { name: "author and being no note", filter: { author: "ann", withoutNotes: true }, finds: [1] },
        { name: "author and time", filter: { author: "ann", startTimeMs: 2_000 }, finds: [3] },
      ])("by $name", async ({ filter, finds }) => {
        for (const query of ["tea", "te"]) expect(await find({ application, ...filter }, query)).toEqual(finds);
      });
    });

    describe("changes", () => {
      test("an upsert replaces the document of the same number", async () => {
        const application = newApplication();
        await upsert(documentOf({ application, body: "before" }));
        await upsert(documentOf({ application, body: "after", author: "bob", createTimeMs: 7 }));
        expect(await find({ application }, "before")).toEqual([]);
        expect(await find({ application }, "be")).toEqual([]);
        expect(await find({ application, author: "bob", startTimeMs: 7 }, "after")).toEqual([1]);
      });

      test("a removed message is found no more, and its neighbours are", async () => {
        const application = newApplication();
        await upsert(...[1, 2, 3].map((number) => documentOf({ application, number, body: "apple" })));
        await apply({ removals: [{ application, chat: 1, number: 2 }] });
        expect(await find({ application }, "apple")).toEqual([3, 1]);
        expect(await find({ application }, "ap")).toEqual([3, 1]);
      });

      test("a removal wins over an upsert in the same changes", async () => {
        const application = newApplication();
        const upserts = [1, 2, 3].map((chat) => documentOf({ application, chat, body: "apple" }));
        const gone = documentOf({ application: newApplication(), body: "apple" });
        await apply({
          upserts: [...upserts, gone],
          removals: [{ application, chat: 1, number: 1 }],
          removedChats: [{ application, chat: 2 }],
          removedApplications: [gone.application],
        });
        expect(await find({ application }, "apple")).toEqual([]);
        expect(await find({ application, chat: 2 }, "apple")).toEqual([]);
        expect(await find({ application, chat: 3 }, "apple")).toEqual([1]);
        expect(await find({ application: gone.application }, "apple")).toEqual([]);
      });

      test("what is not there can be removed", async () => {
        const application = newApplication();
        await apply({
          removals: [{ application, chat: 1, number: 1 }],
          removedChats: [
            { application, chat: 1 },
            { application, chat: 1 },
          ],
          removedApplications: [application, application],
        });
        expect(await find({ application }, "apple")).toEqual([]);
      });

      test("a removed chat is found no more, and the others are", async () => {
        const application = newApplication();
        await upsert(
          ...[1, 2].flatMap((chat) => [1, 2].map((number) => documentOf({ application, chat, number, body: "apple" }))),
        );
        await apply({ removedChats: [{ application, chat: 1 }] });
        expect(await find({ application, chat: 1 }, "apple")).toEqual([]);
        expect(await find({ application, chat: 1 }, "a")).toEqual([]);
        expect(await find({ application, chat: 2 }, "apple")).toEqual([2, 1]);
      });

      test("a removed application is found no more, and the others are", async () => {
        const [gone, kept] = [newApplication(), newApplication()];
        await upsert(
          ...[gone, kept].flatMap((application) =>
            [1, 2].map((chat) => documentOf({ application, chat, body: "apple" })),
          ),
        );
        await apply({ removedApplications: [gone] });
        for (const chat of [1, 2]) {
          expect(await find({ application: gone, chat }, "apple")).toEqual([]);
          expect(await find({ application: kept, chat }, "apple")).toEqual([1]);
        }
      });

      test("the same changes can be applied again", async () => {
        const application = newApplication();
        const mark = ++position;
        const changes = changesOf(
          {
            upserts: [1, 2, 3].map((number) => documentOf({ application, number, body: `apple ${number}` })),
            removals: [{ application, chat: 1, number: 2 }],
            removedChats: [{ application, chat: 5 }],
            removedApplications: ["nobody"],
          },
          mark,
        );
        for (let replay = 0; replay < 3; replay++) await index.apply(changes, upTo(mark));
        expect(await find({ application }, "apple")).toEqual([3, 1]);
        expect(await index.position()).toBe(mark);
      });
    });

    describe("order", () => {
      test("puts whole words before parts of words, and newer before older", async () => {
        const application = newApplication();
        const bodies = ["cat", "concatenate", "the Cat sat", "cats"];
        await upsert(...bodies.map((body, i) => documentOf({ application, number: i + 1, body })));
        expect(await find({ application, order: "relevance" }, "cat")).toEqual([3, 1, 4, 2]);
        expect(await find({ application, order: "newest" }, "cat")).toEqual([4, 3, 2, 1]);
      });

      test("asks for each word to be whole", async () => {
        const application = newApplication();
        const bodies = ["black cat", "blackcat cat", "cats, black", "a black, CAT!"];
        await upsert(...bodies.map((body, i) => documentOf({ application, number: i + 1, body })));
        expect(await find({ application, order: "relevance" }, "cat black")).toEqual([4, 1, 3, 2]);
      });
    });

    describe("cursors", () => {
      test("go on from where they are while newer messages come in", async () => {
        const application = newApplication();
        const bodies = ["cat", "cats", "cat", "cat"];
        const documents = bodies.map((body, i) => documentOf({ application, number: i + 1, body }));
        await upsert(...documents.slice(0, 3));
        const [hit] = await index.search({ ...requestOf({ application }, "cat"), limit: 1 });
        await upsert(...documents);
        const rest = await index.search(requestOf({ application, after: hit!.cursor }, "cat"));
        expect(numbersOf(rest)).toEqual([2, 1]);
      });

      test.each([
        ["newest", ""],
        ["newest", "x1"],
        ["newest", "w1"],
        ["newest", "n-1"],
        ["relevance", "n1"],
        ["relevance", "p"],
        ["relevance", "w1; DROP TABLE chat"],
      ] as const)("of a search by %s are not %j", async (order, after) => {
        const error = await index
          .search(requestOf({ application: "a", order, after }, "cat"))
          .catch((reason) => reason);
        expect(error).toBeInstanceOf(InvalidCursorError);
      });
    });

    describe("position", () => {
      test("stays where changes do not follow it", async () => {
        const fresh = await open();
        try {
          const changes = (body: string) => changesOf({ upserts: [documentOf({ application: "a", body })] }, 9);
          expect(await fresh.apply(changes("apple"), { after: 4, upTo: 9 })).toBe(0);
          expect(await fresh.apply(changes("pear"), { after: 0, upTo: 9 })).toBe(9);
          expect(await fresh.apply(changesOf({}, 12), { after: 9, upTo: 12 })).toBe(12);
          expect(await fresh.search(requestOf({ application: "a" }, "apple"))).toEqual([]);
          expect(await fresh.search(requestOf({ application: "a" }, "pear"))).toHaveLength(1);
        } finally {
          await fresh.close();
        }
      });

      test("is 0 when empty, then that of the last changes", async () => {
        const fresh = await open();
        try {
          expect(await fresh.position()).toBe(0);
          await fresh.apply(changesOf({ upserts: [documentOf({ application: "a", body: "apple" })] }, 17), upTo(17));
          expect(await fresh.position()).toBe(17);
          await fresh.apply(changesOf({}, 0), upTo(2 ** 52));
          expect(await fresh.position()).toBe(2 ** 52);
        } finally {
          await fresh.close();
        }
      });
    });

    describe("a reset", () => {
      test("leaves an empty index at position 0, which takes changes from there", async () => {
        const fresh = await open();
        try {
          const changes = changesOf({ upserts: [documentOf({ application: "a", body: "apple" })] }, 5);
          await fresh.apply(changes, upTo(17));
          const apples = async () => numbersOf(await fresh.search(requestOf({ application: "a" }, "apple")));
          expect(await apples()).toEqual([1]);
          await fresh.reset();
          expect(await fresh.position()).toBe(0);
          expect(await apples()).toEqual([]);
          await fresh.apply(changes, upTo(5));
          expect(await fresh.position()).toBe(5);
          expect(await apples()).toEqual([1]);
        } finally {
          await fresh.close();
        }
      });
    });

    describe("pages", () => {
      const application = "pages";
      const expected = Array.from({ length: 23 }, (_, i) => 23 - i);
      beforeAll(() =>
        upsert(
          ...expected.flatMap((number) => [
            documentOf({ application, number: number * 2, body: number % 3 === 0 ? "tea" : "instead" }),
            documentOf({ application, number: number * 2 + 1, body: "coffee" }),
          ]),
        ),
      );

      test.each([
        ["newest", "tea", 1],
        ["newest", "te", 5],
        ["newest", "tea", 23],
        ["relevance", "tea", 1],
        ["relevance", "te", 4],
        ["relevance", "tea", 7],
        ["relevance", "tea", 100],
      ] as const)("by %s of %s, %i at a time, hold each hit once", async (order, query, limit) => {
        const pages = await readPages(index, { ...requestOf({ application, order }, query), limit });
        expect(pages.every((page) => page.length <= limit)).toBe(true);
        const numbers = pages.flat();
        expect([...numbers].sort((a, b) => b - a)).toEqual(expected.map((number) => number * 2));
        if (order === "newest") expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
      });

      test("the largest number is found and paged", async () => {
        const large = newApplication();
        const numbers = [2 ** 31 - 1, 2 ** 31 - 2, 1];
        await upsert(
          ...numbers.map((number) => documentOf({ application: large, chat: 2 ** 31 - 1, number, body: "apple" })),
        );
        for (const order of ["newest", "relevance"] as const) {
          const request = { ...requestOf({ application: large, chat: 2 ** 31 - 1, order }, "apple"), limit: 1 };
          expect((await readPages(index, request)).flat().sort((a, b) => b - a)).toEqual(numbers);
        }
      });
    });
  });
}

async function readPages(index: SearchIndex, request: SearchRequest): Promise<number[][]> {
  const pages: number[][] = [];
  let after: string | undefined;
  do {
    const hits = await index.search({ ...request, after });
    pages.push(numbersOf(hits));
    after = hits.at(-1)?.cursor;
  } while (after !== undefined);
  return pages;
}

function numbersOf(hits: SearchHit[]): number[] {
  return hits.map(({ number }) => number);
}

/** What the tests say of changes; all of them get one mark. */
type TestChanges = {
  upserts?: TestDocument[];
  removals?: Omit<SearchedMessage, "changeMark">[];
  removedChats?: SearchChanges["removedChats"];
  removedApplications?: string[];
};

type TestDocument = Omit<SearchDocument, "changeMark">;

function changesOf({ upserts = [], removals = [], ...changes }: TestChanges, changeMark: number): SearchChanges {
  return {
    upserts: upserts.map((document) => ({ ...document, changeMark })),
    removals: removals.map((message) => ({ ...message, changeMark })),
    ...{ removedChats: [], removedApplications: [], ...changes },
  };
}

function documentOf(document: Partial<TestDocument> & { application: string; body: string }): TestDocument {
  return { chat: 1, number: 1, author: "ann", internal: false, createTimeMs: 1_000, ...document };
}

function requestOf(request: Partial<SearchRequest> & { application: string }, query: string): SearchRequest {
  return { chat: 1, order: "newest", limit: 50, terms: parseSearchQuery(query), ...request };
}
