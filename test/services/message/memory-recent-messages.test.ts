import { describe, expect, test } from "vitest";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import { newMessage } from "../writes.ts";
import { recentBatch } from "./recent-batch.ts";
import { describeRecentMessages } from "./recent-messages-contract.ts";

describeRecentMessages("in memory", async () => ({ recents: new MemoryRecentMessages(1_000_000_000) }));

const ALL = { after: 0, before: 2 ** 31, newestFirst: false, limit: 1 };
const chatOf = (chat: number) => ({ application: "0123456789abcdefghjkmnpqrs", chat });

/** The chats, of 1 to 9, of which something is held. */
async function heldChats(recents: MemoryRecentMessages): Promise<number[]> {
  const held: number[] = [];
  for (let chat = 1; chat <= 9; chat++) if (await recents.read(chatOf(chat), ALL)) held.push(chat);
  return held;
}

describe("recent messages in memory", () => {
  test("drop the chats that were written to the longest ago when the bytes are used up", async () => {
    const recents = new MemoryRecentMessages(3_000);
    const body = "x".repeat(1_000);
    for (const chat of [1, 2, 1, 3]) {
      await recents.add([recentBatch(chatOf(chat), [newMessage(chatOf(chat), chat, { body })])], 1);
    }
    expect(await heldChats(recents)).toEqual([1, 3]);
    await recents.change([{ kind: "chatDeleted", sequence: 2, chat: chatOf(1) }]);
    await recents.add([recentBatch(chatOf(4), [newMessage(chatOf(4), 1, { body })])], 1);
    expect(await heldChats(recents)).toEqual([3, 4]);
  });

  test("count what an edit adds, and what metadata takes", async () => {
    const recents = new MemoryRecentMessages(3_750);
    const add = (chat: number, metadata: Record<string, string> = {}) => {
      const message = { ...newMessage(chatOf(chat), 1), metadata };
      return recents.add([recentBatch(chatOf(chat), [message])], 1);
    };
    for (const chat of [1, 2, 3]) await add(chat);
    expect(await heldChats(recents)).toEqual([1, 2, 3]);
    const message = newMessage(chatOf(3), 1, { body: "x".repeat(3_300) });
    await recents.change([{ kind: "changed", sequence: 2, name: { ...chatOf(3), message: 1 }, message }]);
    await add(4);
    expect(await heldChats(recents)).toEqual([3, 4]);
    await add(5, { a: "x".repeat(1_000), b: "x".repeat(1_000) });
    expect(await heldChats(recents)).toEqual([4, 5]);
  });

  test("hold nothing where there is no room at all", async () => {
    const recents = new MemoryRecentMessages(0);
    await recents.add([recentBatch(chatOf(1), [newMessage(chatOf(1), 1)])], 1);
    expect(await heldChats(recents)).toEqual([]);
  });
});
