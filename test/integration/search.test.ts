import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { SearchMessagesRequest_Order as Order, type SearchMessagesResponse } from "../../gen/parley/v1/search_pb.ts";
import { failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { runsOnServers } from "../open-parley.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import type { Tenant } from "../tenant.ts";

/** What the contract promises; on servers, it takes longer on a machine that does much else. */
const FRESH_MS = runsOnServers ? 20_000 : 1_000;

let session: ParleySession;
let tenant: Tenant;
let parent: string;

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
});

afterAll(() => session.close());

beforeEach(async () => {
  parent = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
});

const search = (query: string, more: object = {}) => tenant.search.searchMessages({ parent, query, ...more });
const numbersOf = ({ results }: SearchMessagesResponse) => results.map(({ message }) => message!.number);
const create = (body: string, user = "") =>
  tenant.messages.createMessage({ parent, message: { ...text(body), author: { user } } });

/** Waits until a search finds exactly these numbers, in any order, for as long as freshness allows. */
async function found(query: string, expected: readonly number[], more: object = {}): Promise<SearchMessagesResponse> {
  return vi.waitFor(
    async () => {
      const answer = await search(query, more);
      expect(numbersOf(answer).sort((a, b) => a - b)).toEqual(expected);
      return answer;
    },
    { timeout: FRESH_MS, interval: 5 },
  );
}

describe("within a second of its answer", () => {
  test("a create, an edit and a deletion show", async () => {
    const { name } = await create("apples and pears");
    const { results } = await found("pear", [1]);
    expect(results[0]!.message).toEqual(await tenant.messages.getMessage({ name }));
    const edited = await tenant.messages.updateMessage({ message: { name, ...text("oranges & lemons") } });
    expect((await found("orange", [1])).results[0]).toMatchObject({
      message: edited,
      snippet: "<em>orange</em>s &amp; lemons",
    });
    await found("pear", []);
    await tenant.messages.deleteMessage({ name });
    await found("orange", []);
  });

  test("a chat's deletion does not leave its messages to be found in others", async () => {
    await create("apples");
    await found("apples", [1]);
    await tenant.chats.deleteChat({ name: parent, force: true });
    expect(await failureOf(search("apples"))).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
    parent = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
    expect(numbersOf(await search("apples"))).toEqual([]);
  });

  test("what was indexed is found after a restart, and what follows too", async () => {
    await create("before");
    await session.restart();
    tenant = session.reopen(tenant);
    await found("before", [1]);
    await create("after");
    await found("after", [2]);
  });
});

describe("a query", () => {
  test.each([
    ["hello", [1]],
    ["HELLO", [1]],
    ["ell", [1]],
    ["hello world", [1]],
    ["world hello", [1]],
    ['"hello big world"', [1]],
    ['"big hello"', []],
    ['"ello big"', []],
    ["100%", [2]],
    ["_", [2]],
    ["a*b", [3]],
    ["*", [3]],
    ["?", [3]],
    ["grüße", [4]],
    ["GRÜSSE", []],
    ["世界", [4]],
    ["界", [4]],
    ["🎈", [5]],
    ["'; DROP TABLE messages; --", []],
    ['"', [5]],
  ] as const)("%s", async (query, numbers) => {
    const bodies = ["Hello big world", "100% under_score", "a*b?", "Grüße an die 世界", 'a 🎈 "quoted'];
    await tenant.messages.batchCreateMessages({ parent, requests: bodies.map((body) => ({ message: text(body) })) });
    await found("o", [1, 2, 5]);
    expect(numbersOf(await search(query)).sort()).toEqual(numbers);
  });

  test("of 256 code points or 32 words passes, more does not", async () => {
    await create("x");
    expect(numbersOf(await search("🎈".repeat(256)))).toEqual([]);
    expect((await failureOf(search("🎈".repeat(257)))).fields).toEqual(["query"]);
    await found("x ".repeat(32), [1]);
    expect((await failureOf(search("x ".repeat(33)))).fields).toEqual(["query"]);
    expect((await failureOf(search("\u3000 \u00a0"))).fields).toEqual(["query"]);
    expect((await failureOf(search("a\0b"))).fields).toEqual(["query"]);
  });
});

describe("pages", () => {
  const bodies = Array.from({ length: 60 }, (_, index) => `word ${index}`);

  async function pages(order: Order, pageSize: number): Promise<number[]> {
    const numbers: number[] = [];
    let pageToken = "";
    do {
      const page = await search("word", { order, pageSize, pageToken });
      expect(page.results.length).toBeLessThanOrEqual(pageSize);
      numbers.push(...numbersOf(page));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return numbers;
  }

  test("hold each result once, newest first if asked, 50 where no size is asked for", async () => {
    await tenant.messages.batchCreateMessages({ parent, requests: bodies.map((body) => ({ message: text(body) })) });
    await found("word 59", [60]);
    const all = bodies.map((_, index) => bodies.length - index);
    expect(await pages(Order.NEWEST_FIRST, 10)).toEqual(all);
    expect((await pages(Order.RELEVANCE, 10)).sort((a, b) => b - a)).toEqual(all);
    expect((await search("word")).results).toHaveLength(50);
    expect((await search("word", { pageSize: 2_000_000_000 })).results).toHaveLength(60);
  });

  test("by author and time", async () => {
    await create("word by ann", "ann");
    const second = await create("word by bob", "bob");
    await found("word", [1, 2]);
    expect(numbersOf(await search("word", { author: "bob" }))).toEqual([2]);
    const later = timestampFromDate(new Date(Date.now() + 60_000));
    expect(numbersOf(await search("word", { startTime: later }))).toEqual([]);
    expect(numbersOf(await search("word", { endTime: later, author: "ann" }))).toEqual([1]);
    expect(numbersOf(await search("word", { startTime: second.createTime }))).toContain(2);
  });
});
