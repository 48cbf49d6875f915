import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ListMessagesRequestSchema, ListMessagesRequest_Order as Order } from "../../gen/parley/v1/message_pb.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import type { Tenant } from "../tenant.ts";

type ListRequest = Exclude<MessageInitShape<typeof ListMessagesRequestSchema>, Message>;

let session: ParleySession;
let tenant: Tenant;
let chat: string;

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
});

afterAll(() => session.close());

beforeEach(async () => {
  chat = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
});

async function fill(bodies: readonly string[], author = ""): Promise<void> {
  const requests = bodies.map((body) => ({ message: { ...text(body), author: { user: author } } }));
  await tenant.messages.batchCreateMessages({ parent: chat, requests });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const numbersOf = (messages: readonly { number: number }[]) => messages.map(({ number }) => number);
const create = (body: string) => tenant.messages.createMessage({ parent: chat, message: text(body) });
const list = async (request: ListRequest) =>
  numbersOf((await tenant.messages.listMessages({ ...request, parent: chat })).messages);

/** All pages of a list, one after the other. */
async function pages(request: ListRequest): Promise<number[][]> {
  const found: number[][] = [];
  let pageToken = "";
  do {
    const page = await tenant.messages.listMessages({ ...request, parent: chat, pageToken });
    found.push(numbersOf(page.messages));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

describe("pages", () => {
  test("newest first by default, oldest first if asked, each message once", async () => {
    await fill(upTo(7).map(String));
    expect(await pages({ pageSize: 3 })).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
    expect(await pages({ pageSize: 3, order: Order.OLDEST_FIRST })).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(await pages({ pageSize: 7 })).toEqual([[7, 6, 5, 4, 3, 2, 1]]);
  });

  test("hold 50 where no size is asked for, and 500 at most, beyond what is held in memory too", async () => {
    for (let batch = 0; batch < 3; batch++) await fill(upTo(450).map(String));
    expect(await list({})).toEqual(upTo(1_350).reverse().slice(0, 50));
    expect(await list({ pageSize: 2_000_000_000 })).toEqual(upTo(1_350).reverse().slice(0, 500));
    expect((await pages({ pageSize: 501 })).flat()).toEqual(upTo(1_350).reverse());
    expect((await pages({ pageSize: 499, order: Order.OLDEST_FIRST })).flat()).toEqual(upTo(1_350));
  });

  test("go on where they were while messages are added", async () => {
    await fill(["1", "2", "3"]);
    const first = await tenant.messages.listMessages({ parent: chat, pageSize: 2 });
    await create("4");
    const second = await tenant.messages.listMessages({ parent: chat, pageSize: 2, pageToken: first.nextPageToken });
    expect([...numbersOf(first.messages), ...numbersOf(second.messages)]).toEqual([3, 2, 1]);
  });

  test("of an empty chat are empty", async () => {
    expect(await pages({})).toEqual([[]]);
    expect(await list({ position: { case: "aroundNumber", value: 5 } })).toEqual([]);
  });

  test.each([
    { position: { case: "beforeNumber", value: 4 }, pageSize: 2, newest: [3, 2], oldest: [1, 2] },
    { position: { case: "afterNumber", value: 7 }, pageSize: 2, newest: [10, 9], oldest: [8, 9] },
    { position: { case: "afterNumber", value: 0 }, pageSize: 3, newest: [10, 9, 8], oldest: [1, 2, 3] },
    { position: { case: "beforeNumber", value: 1 }, pageSize: 3, newest: [], oldest: [] },
    { position: { case: "afterNumber", value: 99 }, pageSize: 3, newest: [], oldest: [] },
    { position: { case: "aroundNumber", value: 5 }, pageSize: 3, newest: [6, 5, 4], oldest: [4, 5, 6] },
    { position: { case: "aroundNumber", value: 1 }, pageSize: 3, newest: [3, 2, 1], oldest: [1, 2, 3] },
    { position: { case: "aroundNumber", value: 10 }, pageSize: 3, newest: [10, 9, 8], oldest: [8, 9, 10] },
    { position: { case: "aroundNumber", value: 99 }, pageSize: 2, newest: [10, 9], oldest: [9, 10] },
    { position: { case: "aroundNumber", value: 5 }, pageSize: 1, newest: [5], oldest: [5] },
  ] as const)("$position.case $position.value", async ({ position, pageSize, newest, oldest }) => {
    await fill(upTo(10).map(String));
    expect(await list({ position, pageSize })).toEqual(newest);
    expect(await list({ position, pageSize, order: Order.OLDEST_FIRST })).toEqual(oldest);
  });

  test("around a number have no next page; before and after go on from either end", async () => {
    await fill(upTo(10).map(String));
    const around = { case: "aroundNumber" as const, value: 5 };
    const page = await tenant.messages.listMessages({ parent: chat, position: around, pageSize: 4 });
    expect(page.nextPageToken).toBe("");
    const numbers = numbersOf(page.messages);
    expect(numbers).toHaveLength(4);
    expect(numbers).toContain(5);
    expect(await pages({ position: { case: "afterNumber", value: numbers[0]! }, pageSize: 2 })).not.toContainEqual([]);
    const newer = await pages({ position: { case: "afterNumber", value: numbers[0]! }, pageSize: 2 });
    const older = await pages({ position: { case: "beforeNumber", value: numbers.at(-1)! }, pageSize: 2 });
    expect([...newer.flat(), ...numbers, ...older.flat()]).toEqual(upTo(10).reverse());
  });

  test("by author, across pages", async () => {
    await fill(["1", "2"], "ann");
    await fill(["3", "4"], "bob");
    await fill(["5", "6"], "ann");
    expect(await pages({ author: "ann", pageSize: 3 })).toEqual([[6, 5, 2], [1]]);
    expect(await pages({ author: "ann", pageSize: 3, order: Order.OLDEST_FIRST })).toEqual([[1, 2, 5], [6]]);
    expect(await list({ author: "nobody" })).toEqual([]);
  });

  test("by time: from start_time on, and before end_time", async () => {
    const times: Date[] = [];
    for (const body of ["1", "2", "3"]) {
      const before = times.at(-1)?.getTime() ?? 0;
      await expect.poll(() => Date.now()).toBeGreaterThan(before + 1);
      times.push(timestampDate((await create(body)).createTime!));
    }
    const at = (index: number, shift = 0) => timestampFromDate(new Date(times[index]!.getTime() + shift));
    expect(await list({ startTime: at(1) })).toEqual([3, 2]);
    expect(await list({ startTime: at(1, 1) })).toEqual([3]);
    expect(await list({ endTime: at(1) })).toEqual([1]);
    expect(await list({ endTime: at(1, 1) })).toEqual([2, 1]);
    expect(await list({ startTime: at(1), endTime: at(2) })).toEqual([2]);
    expect(await list({ startTime: at(2), endTime: at(1) })).toEqual([]);
    expect(await list({ startTime: at(2, 60_000) })).toEqual([]);
    expect(await pages({ startTime: at(0), endTime: at(2, 1), pageSize: 1 })).toEqual([[3], [2], [1]]);
  });
});
