import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ListMessagesRequest_Order as Order } from "../../gen/parley/v1/message_pb.ts";
import { failureOf } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import type { Tenant } from "../tenant.ts";

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

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const numbersOf = (messages: readonly { number: number }[]) => messages.map(({ number }) => number);
const create = (body: string) => tenant.messages.createMessage({ parent: chat, message: text(body) });

async function list(): Promise<number[]> {
  const request = { parent: chat, pageSize: 500, order: Order.OLDEST_FIRST };
  return numbersOf((await tenant.messages.listMessages(request)).messages);
}

test("a batch of 500 gets consecutive numbers in its order", async () => {
  await create("first");
  const requests = upTo(500).map((number) => ({ message: text(`body ${number}`) }));
  const { messages } = await tenant.messages.batchCreateMessages({ parent: chat, requests });
  expect(numbersOf(messages)).toEqual(upTo(501).slice(1));
  expect(messages.map(bodyOf)).toEqual(upTo(500).map((number) => `body ${number}`));
  expect(await list()).toEqual(upTo(500));
});

test("a batch is made as a whole or not at all", async () => {
  const requests = upTo(501).map(() => ({ message: text("x") }));
  const send = (...all: object[]) => tenant.messages.batchCreateMessages({ parent: chat, requests: all });
  expect((await failureOf(send(...requests))).fields).toEqual(["requests"]);
  expect((await failureOf(send())).fields).toEqual(["requests"]);
  expect((await failureOf(send({ message: text("a") }, { message: text("\u3000") }))).fields).toEqual([
    "requests[1].message.body",
  ]);
  const elsewhere = { parent: `${tenant.name}/chats/1`, message: text("a") };
  expect((await failureOf(send({ message: text("a") }, elsewhere))).fields).toEqual(["requests[1].parent"]);
  expect((await failureOf(send({ message: text("a") }, {}))).fields).toEqual(["requests[1].message"]);
  expect(await list()).toEqual([]);
  expect((await create("first")).number).toBe(1);
});
