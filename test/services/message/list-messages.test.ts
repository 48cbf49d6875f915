import { create, toBinary } from "@bufbuild/protobuf";
import { createContextValues, type HandlerContext } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ListMessagesRequest,
  ListMessagesRequest_Order,
  ListMessagesRequestSchema,
  ListMessagesResponseSchema,
} from "../../../gen/parley/v1/message_pb.ts";
import { type ChatName, formatChatName } from "../../../services/aip/resource-name.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import { setPrincipal } from "../../../services/auth/principal.ts";
import { setStanding } from "../../../services/auth/standing.ts";
import type { AuthorMessages } from "../../../services/message/author-messages.ts";
import { listMessages } from "../../../services/message/list-messages.ts";
import type { MessageReader } from "../../../services/message/message-reader.ts";
import { bytesOf } from "../../../services/rpc/encoded-messages.ts";
import { failureOf } from "../../failure.ts";
import { CREATE_TIME_MS, newMessage } from "../writes.ts";
import { MessageScene } from "./message-scene.ts";
import { readMessage } from "./recent-batch.ts";

const { OLDEST_FIRST } = ListMessagesRequest_Order;
const PAGE_SIZES = { standard: 4, max: 10 };
/** Of the chat: number 6 was never stored. Every message is a millisecond younger than the one before. */
const NUMBERS = [1, 2, 3, 4, 5, 7, 8, 9];

let scene: MessageScene;
let chat: ChatName;
beforeAll(async () => {
  scene = await MessageScene.open();
  chat = await scene.createChat();
  const messages = NUMBERS.map((number) =>
    newMessage(chat, number, { user: number % 2 ? "odd" : "even", createTimeMs: CREATE_TIME_MS + number }),
  );
  await scene.store(chat, messages.slice(0, 5));
  await scene.forget(chat);
  await scene.store(chat, messages.slice(5));
  await scene.persist();
});
afterAll(() => scene.close());

const values = createContextValues();
setPrincipal(values, { kind: "admin" });
setStanding(values, { relations: ["admin"] });
const context = { signal: new AbortController().signal, values } as HandlerContext;
/** Not asked, as all lists here are of one chat. */
const authors = {} as AuthorMessages;

/** A request, with its times in milliseconds after CREATE_TIME_MS. */
type Fields = Partial<Omit<ListMessagesRequest, "$typeName" | "$unknown" | "startTime" | "endTime">> & {
  startTime?: number;
  endTime?: number;
};

const at = (offset: number | undefined) =>
  offset === undefined ? undefined : timestampFromMillis(CREATE_TIME_MS + offset);

async function list({ startTime, endTime, ...fields }: Fields) {
  const times = { startTime: at(startTime), endTime: at(endTime) };
  const request = create(ListMessagesRequestSchema, { parent: formatChatName(chat), ...fields, ...times });
  const { messages, nextPageToken } = await listMessages(
    { reader: scene.reader, authors, pageSizes: PAGE_SIZES },
    request,
    context,
  );
  return { numbers: messages.map(({ number }) => number), nextPageToken };
}

test("an answer has its messages, and is remembered as the bytes that they are", async () => {
  const request = create(ListMessagesRequestSchema, { parent: formatChatName(chat), pageSize: 3 });
  const options = { reader: scene.reader, authors, pageSizes: PAGE_SIZES };
  const answer = await listMessages(options, request, context);
  expect(answer.messages.map(({ content }) => content.value)).toEqual(["message 9", "message 8", "message 7"]);
  expect(answer.nextPageToken).not.toBe("");
  expect(answer.messages).toBe(answer.messages);
  const bytes = bytesOf(ListMessagesResponseSchema, answer);
  expect(Buffer.from(bytes)).toEqual(Buffer.from(toBinary(ListMessagesResponseSchema, answer)));
});

test("what is created while a page is read is not on it where it may be as late as end_time", async () => {
  const late = newMessage(chat, 10, { createTimeMs: CREATE_TIME_MS + 20 });
  const newest = newMessage(chat, 9, { createTimeMs: CREATE_TIME_MS + 9 });
  const stored = [readMessage(newest)];
  const reader = {
    list: async (_chat: ChatName, { before }: { before: number }) => stored.filter(({ number }) => number < before),
    firstNumberAt: async () => {
      stored.unshift(readMessage(late));
      return undefined;
    },
  } as unknown as MessageReader;
  const request = create(ListMessagesRequestSchema, { parent: formatChatName(chat), endTime: at(20) });
  const { messages } = await listMessages({ reader, authors, pageSizes: PAGE_SIZES }, request, context);
  expect(messages.map(({ number }) => number)).toEqual([9]);
});

test("a page stays below what gRPC clients take, and the next goes on behind it", async () => {
  const body = "\u{1f4a5}".repeat(20_000);
  const stored = Array.from({ length: 90 }, (_, index) => readMessage(newMessage(chat, 90 - index, { body })));
  const reader = {
    list: async (_chat: ChatName, { before, limit }: { before: number; limit: number }) =>
      stored.filter(({ number }) => number < before).slice(0, limit),
  } as unknown as MessageReader;
  const numbers: number[] = [];
  for (let pageToken = ""; numbers.length < stored.length; ) {
    const request = create(ListMessagesRequestSchema, { parent: formatChatName(chat), pageToken });
    const options = { reader, authors, pageSizes: { standard: 500, max: 500 } };
    const page = await listMessages(options, request, context);
    expect(page.messages.length * Buffer.byteLength(body)).toBeLessThan(4 * 1_048_576);
    numbers.push(...page.messages.map(({ number }) => number));
    expect(page.nextPageToken === "").toBe(numbers.length === stored.length);
    pageToken = page.nextPageToken;
  }
  expect(numbers).toEqual(stored.map(({ number }) => number));
});

/** All pages, one after the other. */
async function listAll(fields: Fields): Promise<number[][]> {
  const pages: number[][] = [];
  for (let pageToken = ""; ; ) {
    const page = await list({ ...fields, pageToken });
    pages.push(page.numbers);
    if (page.nextPageToken === "") return pages;
    pageToken = page.nextPageToken;
  }
}

describe("pages", () => {
  test.each([
    [
      {},
      [
        [9, 8, 7, 5],
        [4, 3, 2, 1],
      ],
    ],
    [
      { pageSize: 3 },
      [
        [9, 8, 7],
        [5, 4, 3],
        [2, 1],
      ],
    ],
    [{ pageSize: 11 }, [[9, 8, 7, 5, 4, 3, 2, 1]]],
    [
      { order: OLDEST_FIRST },
      [
        [1, 2, 3, 4],
        [5, 7, 8, 9],
      ],
    ],
    [
      { order: OLDEST_FIRST, pageSize: 5 },
      [
        [1, 2, 3, 4, 5],
        [7, 8, 9],
      ],
    ],
    [{ pageSize: 2, author: "even" }, [[8, 4], [2]]],
    [{ order: OLDEST_FIRST, pageSize: 2, author: "odd" }, [[1, 3], [5, 7], [9]]],
    [{ author: "nobody" }, [[]]],
    [{ position: { case: "beforeNumber", value: 7 } as const }, [[5, 4, 3, 2], [1]]],
    [{ position: { case: "beforeNumber", value: 1 } as const }, [[]]],
    [{ position: { case: "afterNumber", value: 5 } as const }, [[9, 8, 7]]],
    [
      { position: { case: "afterNumber", value: 4 } as const, order: OLDEST_FIRST, pageSize: 2 },
      [
        [5, 7],
        [8, 9],
      ],
    ],
    [{ startTime: 8 }, [[9, 8]]],
    [{ startTime: 6 }, [[9, 8, 7]]],
    [{ startTime: 10 }, [[]]],
    [{ endTime: 3 }, [[2, 1]]],
    [{ endTime: 1 }, [[]]],
    [{ endTime: 100, pageSize: 10 }, [[9, 8, 7, 5, 4, 3, 2, 1]]],
    [{ startTime: 4, endTime: 8, pageSize: 2 }, [[7, 5], [4]]],
    [{ startTime: 4, position: { case: "beforeNumber", value: 8 } as const }, [[7, 5, 4]]],
  ])("of %j are %j", async (request, pages) => {
    expect(await listAll(request)).toEqual(pages);
  });
});

describe("a page around a number", () => {
  test.each([
    [5, 1, [5]],
    [5, 2, [5, 7]],
    [5, 3, [4, 5, 7]],
    [5, 5, [3, 4, 5, 7, 8]],
    [6, 3, [4, 5, 7]],
    [1, 5, [1, 2, 3, 4, 5]],
    [9, 4, [5, 7, 8, 9]],
    [100, 3, [7, 8, 9]],
    [2_147_483_647, 2, [8, 9]],
    [5, 10, [1, 2, 3, 4, 5, 7, 8, 9]],
  ])("%i, of %i, is %j", async (value, pageSize, numbers) => {
    const position = { case: "aroundNumber", value } as const;
    expect(await list({ position, pageSize, order: OLDEST_FIRST })).toEqual({ numbers, nextPageToken: "" });
    expect(await list({ position, pageSize })).toEqual({ numbers: [...numbers].reverse(), nextPageToken: "" });
  });

  test("keeps to the author and the times asked for", async () => {
    const position = { case: "aroundNumber", value: 5 } as const;
    expect((await list({ position, pageSize: 3, author: "even" })).numbers).toEqual([8, 4, 2]);
    expect((await list({ position, startTime: 4, endTime: 8, pageSize: 10 })).numbers).toEqual([7, 5, 4]);
  });

  test("has no pages", async () => {
    const { nextPageToken } = await list({});
    const failure = await failureOf(list({ position: { case: "aroundNumber", value: 5 }, pageToken: nextPageToken }));
    expect(failure).toMatchObject({ code: "InvalidArgument", reason: "PAGE_TOKEN_INVALID" });
  });
});

describe("a list is refused", () => {
  test("of a chat that does not exist, whatever is asked for", async () => {
    const parent = formatChatName({ ...chat, chat: 2 });
    const positions = [{ case: undefined }, { case: "aroundNumber", value: 5 } as const];
    for (const position of positions) {
      for (const startTime of [undefined, 1]) {
        expect(await failureOf(list({ parent, position, startTime }))).toMatchObject({
          code: "NotFound",
          metadata: { resource: parent },
        });
      }
    }
  });

  test("with the token of another list", async () => {
    const { nextPageToken } = await list({});
    for (const other of [{ author: "odd" }, { order: OLDEST_FIRST }, { startTime: 1 }]) {
      expect(await failureOf(list({ ...other, pageToken: nextPageToken }))).toMatchObject({
        reason: "PAGE_TOKEN_INVALID",
      });
    }
    expect((await list({ pageToken: nextPageToken, pageSize: 1 })).numbers).toEqual([4]);
  });
});
