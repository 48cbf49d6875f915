import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { RecentMessages } from "../../../services/message/recent-messages.ts";
import { newMessage } from "../writes.ts";

const CHAT: ChatName = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const OTHER: ChatName = { ...CHAT, chat: 2 };
/** The most that a window must hold. */
const WINDOW_MAX = 500;

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const messages = (...numbers: number[]) => numbers.map((number) => newMessage(CHAT, number));

async function numbersOf(recents: RecentMessages, chat = CHAT): Promise<number[] | undefined> {
  return (await recents.window(chat))?.messages.map(({ number }) => number);
}

/**
 * What every adapter of RecentMessages must do.
 *
 * @param open gives an empty one with room for all the test adds
 */
export function describeRecentMessages(adapter: string, open: () => Promise<RecentMessages>): void {
  describe(`recent messages: ${adapter}`, () => {
    const add = (recents: RecentMessages, sequence: number, ...numbers: number[]) =>
      recents.add([{ chat: CHAT, messages: messages(...numbers) }], sequence);

    test("hold nothing of a chat at first", async () => {
      const recents = await open();
      await add(recents, 1, 1);
      expect(await recents.window(OTHER)).toBeUndefined();
    });

    test("hold what was added from the first of it, in the order of the numbers", async () => {
      const recents = await open();
      await add(recents, 3, 5, 6);
      await add(recents, 4, 7);
      expect(await numbersOf(recents)).toEqual([5, 6, 7]);
      expect(await recents.window(CHAT)).toMatchObject({ from: 5, sequence: 3 });
    });

    test("keep chats apart that came with the same record", async () => {
      const recents = await open();
      const batches = [CHAT, OTHER, CHAT].map((chat, index) => ({ chat, messages: [newMessage(chat, index + 1)] }));
      await recents.add(batches, 1);
      expect(await numbersOf(recents)).toEqual([1, 3]);
      expect(await numbersOf(recents, OTHER)).toEqual([2]);
    });

    test("put numbers into their order where records were inverted", async () => {
      const recents = await open();
      await add(recents, 1, 1);
      await add(recents, 2, 4, 5);
      await add(recents, 3, 2, 3);
      expect(await numbersOf(recents)).toEqual([1, 2, 3, 4, 5]);
    });

    test("know of a number below them: it is in the database once the writer has passed its record", async () => {
      const recents = await open();
      await add(recents, 1, 5);
      await add(recents, 2, 4);
      expect(await recents.window(CHAT)).toMatchObject({ from: 5, sequence: 2 });
      expect(await numbersOf(recents)).toEqual([5]);
    });

    test("hold a message once, as it is now, where its record comes twice", async () => {
      const recents = await open();
      await add(recents, 1, 1, 2);
      const edited = newMessage(CHAT, 2, { body: "edited" });
      await recents.replace({ ...CHAT, message: 2 }, edited);
      await recents.add([{ chat: CHAT, messages: messages(2), repeated: true }], 2);
      expect((await recents.window(CHAT))!.messages.map(({ content }) => content.value)).toEqual([
        "message 1",
        "edited",
      ]);
    });

    test("do not begin with a number that an earlier try had: a higher one may be stored already", async () => {
      const recents = await open();
      await recents.add([{ chat: CHAT, messages: messages(1), repeated: true }], 1);
      expect(await recents.window(CHAT)).toBeUndefined();
    });

    test("replace a message that they hold, and no other", async () => {
      const recents = await open();
      await add(recents, 1, 2, 3);
      for (const number of [1, 3, 4]) {
        await recents.replace({ ...CHAT, message: number }, newMessage(CHAT, number, { body: "edited" }));
      }
      await recents.replace({ ...OTHER, message: 3 }, newMessage(OTHER, 3, { body: "edited" }));
      expect((await recents.window(CHAT))!.messages.map(({ content }) => content.value)).toEqual([
        "message 2",
        "edited",
      ]);
      expect(await recents.window(OTHER)).toBeUndefined();
    });

    test("forget a chat, and begin again with what comes next", async () => {
      const recents = await open();
      await recents.add(
        [CHAT, OTHER].map((chat) => ({ chat, messages: [newMessage(chat, 1)] })),
        1,
      );
      await recents.drop(CHAT);
      await recents.drop(CHAT);
      expect(await recents.window(CHAT)).toBeUndefined();
      expect(await numbersOf(recents, OTHER)).toEqual([1]);
      await add(recents, 7, 2);
      expect(await recents.window(CHAT)).toMatchObject({ from: 2, sequence: 7 });
    });

    test("forget an application with all its chats, and no other", async () => {
      const recents = await open();
      const foreign = { application: `${CHAT.application.slice(0, -1)}z`, chat: 1 };
      await recents.add(
        [CHAT, OTHER, foreign].map((chat) => ({ chat, messages: [newMessage(chat, 1)] })),
        1,
      );
      await recents.dropApplication(CHAT.application);
      expect(await recents.window(CHAT)).toBeUndefined();
      expect(await recents.window(OTHER)).toBeUndefined();
      expect(await numbersOf(recents, foreign)).toEqual([1]);
    });

    test("hold the newest of a long chat, without a gap", async () => {
      const recents = await open();
      for (let first = 1; first <= 2_000; first += 50) await add(recents, first, ...range(first, first + 49));
      const window = (await recents.window(CHAT))!;
      expect(window.messages.length).toBeGreaterThanOrEqual(WINDOW_MAX);
      expect(window.messages.length).toBeLessThanOrEqual(2 * WINDOW_MAX);
      expect(window.messages.map(({ number }: Message) => number)).toEqual(range(window.from, 2_000));
      expect(window.sequence).toBeGreaterThan(1);
      expect(window.sequence).toBeLessThanOrEqual(1_951);
    });

    test("always have every stored message from `from` on, whatever happens", async () => {
      const step = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 300 }) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ kind: fc.constant("inverted" as const), count: fc.integer({ min: 1, max: 3 }) }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), count: fc.constant(0) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const recents = await open();
          const stored: { number: number; sequence: number }[] = [];
          let sequence = 0;
          let last = 0;
          const store = async (numbers: number[]) => {
            sequence++;
            stored.push(...numbers.map((number) => ({ number, sequence })));
            await add(recents, sequence, ...numbers);
          };
          for (const { kind, count } of steps) {
            if (kind === "drop") await recents.drop(CHAT);
            else if (kind === "inverted" && (await recents.window(CHAT))) {
              await store(range(last + count + 1, last + 2 * count));
              await store(range(last + 1, last + count));
              last += 2 * count;
            } else {
              await store(range(last + 1, last + count));
              last += count;
            }
            const window = await recents.window(CHAT);
            if (!window) continue;
            const expected = stored.filter(({ number }) => number >= window.from).map(({ number }) => number);
            expect(await numbersOf(recents)).toEqual(expected.sort((a, b) => a - b));
            const below = stored.filter(({ number }) => number < window.from);
            for (const message of below) expect(message.sequence).toBeLessThanOrEqual(window.sequence);
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
