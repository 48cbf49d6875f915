import { create } from "@bufbuild/protobuf";
import { createContextValues, type HandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import type { CreateChat } from "../../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind, CreateChatRequestSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { setPrincipal } from "../../../services/auth/principal.ts";
import type { ChatStore } from "../../../services/chat/chat-store.ts";
import { createChat } from "../../../services/chat/create-chat.ts";
import type { Facts } from "../../../services/facts/facts.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { MemoryNumbering } from "../../../services/numbering/memory-numbering.ts";
import { GroupCommit } from "../../../services/write-path/group-commit.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { failureOf } from "../../failure.ts";
import { SimulatedDatabase } from "../numbering/simulated-database.ts";
import { FakeQueue } from "../write-path/fake-queue.ts";

const APPLICATION = "0123456789abcdefghjkmnpqrs";
const LIMITS = { groupMessages: 10, groupBytes: 10_000, pendingWrites: 100, pendingBytes: 100_000 };

/** CreateChat over a queue, in an application where everybody is a user and of no chat a row is left. */
function open(membersMax = 100) {
  const database = new SimulatedDatabase();
  database.create({ application: APPLICATION });
  const stores = {
    numbering: new MemoryNumbering(database),
    recents: new MemoryRecentMessages(0),
    horizon: new Horizon(0),
  };
  const queue = new FakeQueue();
  const store = {
    catchUp: async () => undefined,
    newestOfPair: async () => undefined,
    findLatest: async () => undefined,
  };
  const options = {
    ...{ groups: new GroupCommit({ ...stores, queue }, LIMITS), membersMax },
    store: store as Partial<ChatStore> as ChatStore,
    facts: { user: async (_: string, user: string) => ({ user }) } as unknown as Facts,
  };
  const chat = (by: string, kind: Chat_Kind, ...members: string[]) => {
    const values = createContextValues();
    const profile = { displayName: by, role: User_Role.USER, bot: false, session: undefined };
    setPrincipal(values, { kind: "user", application: APPLICATION, user: by, ...profile });
    const request = create(CreateChatRequestSchema, { parent: `applications/${APPLICATION}`, chat: { kind, members } });
    return createChat(options, request, {
      values,
      signal: AbortSignal.timeout(5_000),
    } as Partial<HandlerContext> as HandlerContext);
  };
  return { chat, queue };
}

test("a pair whose chats are gone without a trace gets the next one, under an id that no other create has", async () => {
  const { chat, queue } = open(1);
  const numbers: number[] = [];
  for (const [by, other] of [
    ["ada", "bob"],
    ["bob", "ada"],
    ["ada", "bob"],
  ] as const) {
    numbers.push((await chat(by, Chat_Kind.DIRECT, other)).number);
  }
  expect(numbers).toEqual([1, 2, 3]);
  const stored = queue.writes.flat().map(({ kind }) => kind.value as CreateChat);
  expect(new Set(stored.map(({ pair }) => pair)).size).toBe(1);
  expect(new Set(stored.map(({ request }) => request!.requestId)).size).toBe(3);
  for (const { request, pair } of stored) {
    expect(request).toMatchObject({ principal: "direct", requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(pair).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("a group has as many members as it may, its creator among them", async () => {
  const { chat } = open(3);
  expect(await chat("ada", Chat_Kind.GROUP, "bob", "cid", "bob", "ada")).toMatchObject({ membersCount: 3 });
  expect(await failureOf(chat("ada", Chat_Kind.GROUP, "bob", "cid", "dan"))).toMatchObject({
    fields: ["chat.members"],
  });
});
