import { afterEach, expect, test } from "vitest";
import { failureFrom } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";

let session: ParleySession;

afterEach(() => session.close());

async function openChat(environment: Record<string, string>) {
  session = await openParleySession(environment);
  const tenant = await session.createTenant();
  const { name: parent } = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
  const create = (body: string) => tenant.messages.createMessage({ parent, message: text(body) });
  const list = async () => (await tenant.messages.listMessages({ parent, pageSize: 500 })).messages;
  return { ...tenant, parent, create, list };
}

test("more writes than may wait are RESOURCE_EXHAUSTED, and leave nothing", async () => {
  const { create, list } = await openChat({ PENDING_WRITES_MAX: "8" });
  const outcomes = await Promise.allSettled(Array.from({ length: 400 }, (_, index) => create(String(index))));
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) {
    expect(failureFrom(reason)).toMatchObject({ code: "ResourceExhausted", reason: "TOO_MANY_PENDING" });
  }
  const created = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const stored = (await list()).map(bodyOf);
  expect(stored.sort()).toEqual(created.map(bodyOf).sort());
  expect((await create("after")).number).toBe(created.length + 1);
});

test("groups of one message, and of few bytes, hold what is too large for them", async () => {
  const { create, list, messages, parent } = await openChat({ GROUP_MESSAGES_MAX: "1", GROUP_BYTES_MAX: "65536" });
  await Promise.all(Array.from({ length: 50 }, () => create("x".repeat(20_000))));
  const requests = Array.from({ length: 100 }, () => ({ message: text("y".repeat(2_000)) }));
  expect((await messages.batchCreateMessages({ parent, requests })).messages).toHaveLength(100);
  expect((await list()).map(({ number }) => number)).toEqual(Array.from({ length: 150 }, (_, index) => 150 - index));
});

test("without memory for recent messages every read is still complete", async () => {
  const { create, list, messages } = await openChat({ RECENT_BYTES_MAX: "0" });
  for (let number = 1; number <= 10; number++) {
    const created = await create(String(number));
    expect(await messages.getMessage({ name: created.name })).toEqual(created);
    expect((await list())[0]).toEqual(created);
  }
});

test("pages follow PAGE_SIZE_DEFAULT and PAGE_SIZE_MAX", async () => {
  const { create, messages, parent } = await openChat({ PAGE_SIZE_DEFAULT: "2", PAGE_SIZE_MAX: "3" });
  for (const body of ["1", "2", "3", "4"]) await create(body);
  expect((await messages.listMessages({ parent })).messages).toHaveLength(2);
  expect((await messages.listMessages({ parent, pageSize: 4 })).messages).toHaveLength(3);
});
