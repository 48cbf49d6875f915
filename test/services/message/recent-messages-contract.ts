import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { RecentChange, RecentMessages, RecentQuery } from "../../../services/message/recent-messages.ts";
import { newMessage } from "../writes.ts";
import { contentsOf, readMessage, recentBatch } from "./recent-batch.ts";

const CHAT: ChatName = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const OTHER: ChatName = { ...CHAT, chat: 2 };
/** Of a chat's messages the newest so many must be held. */
const HELD_MIN = 500;
const ALL: RecentQuery = { after: 0, before: 2 ** 31, newestFirst: false, limit: 10_000 };

/** Recent messages with nothing in them, and the epoch that is in force, where numbers have epochs. */
export type OpenRecents = { recents: RecentMessages; epoch?: number };

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const messages = (...numbers: number[]) => numbers.map((number) => newMessage(CHAT, number));

function edit(sequence: number, number: number, chat = CHAT, body = "edited"): RecentChange {
  const message = newMessage(chat, number, { body, revision: sequence });
  return { kind: "changed", sequence, name: { ...chat, message: number }, message };
}

type Opened = OpenRecents & {
  /** Adds messages of CHAT that a record brought. */
  add(sequence: number, ...numbers: number[]): Promise<boolean>;
  read(query?: Partial<RecentQuery>, chat?: ChatName): ReturnType<RecentMessages["read"]>;
  numbers(chat?: ChatName): Promise<number[] | undefined>;
  bodies(): Promise<unknown[] | undefined>;
};

function withReads({ recents, epoch }: OpenRecents): Opened {
  const read: Opened["read"] = (query = {}, chat = CHAT) => recents.read(chat, { ...ALL, ...query });
  return {
    recents,
    epoch,
    read,
    add: (sequence, ...numbers) => recents.add([recentBatch(CHAT, messages(...numbers))], sequence, epoch),
    numbers: async (chat) => (await read({}, chat))?.messages.map(({ number }) => number),
    bodies: async () => (await read())?.messages.map(({ message }) => message.content.value),
  };
}

/**
 * What every adapter of RecentMessages must do.
 *
 * @param open gives empty ones with room for all the test adds
 */
export function describeRecentMessages(adapter: string, open: () => Promise<OpenRecents>): void {
  const start = async () => withReads(await open());

  describe(`recent messages: ${adapter}`, () => {
    test("hold nothing of a chat at first", async () => {
      const { add, read } = await start();
      await add(1, 1);
      expect(await read({}, OTHER)).toBeUndefined();
    });

    test("hold what was added from the first of it, in the order of the numbers", async () => {
      const { add, read, numbers } = await start();
      expect(await add(3, 5, 6)).toBe(true);
      expect(await add(4, 7)).toBe(true);
      expect(await numbers()).toEqual([5, 6, 7]);
      expect(await read()).toMatchObject({ from: 5, sequence: 3, whole: true });
    });

    test("keep chats apart that came with the same record", async () => {
      const { recents, epoch, numbers } = await start();
      const batches = [CHAT, OTHER, CHAT].map((chat, index) => recentBatch(chat, [newMessage(chat, index + 1)]));
      await recents.add(batches, 1, epoch);
      expect(await numbers()).toEqual([1, 3]);
      expect(await numbers(OTHER)).toEqual([2]);
    });

    test("give the part that is asked for, in the order asked for", async () => {
      const { add, read } = await start();
      await add(3, ...range(5, 24));
      const query = fc.record({
        after: fc.nat(26),
        before: fc.nat(27),
        newestFirst: fc.boolean(),
        limit: fc.integer({ min: 1, max: 25 }),
      });
      await fc.assert(
        fc.asyncProperty(query, async ({ after, before, newestFirst, limit }) => {
          const wanted = range(5, 24).filter((number) => number > after && number < before);
          const part = (await read({ after, before, newestFirst, limit }))!;
          expect(part).toMatchObject({ from: 5, sequence: 3, whole: true });
          const expected = (newestFirst ? wanted.reverse() : wanted).slice(0, limit);
          expect(part.messages.map(({ number }) => number)).toEqual(expected);
        }),
      );
    });

    test("give a message as it was added", async () => {
      const { recents, epoch, read } = await start();
      const message = { ...newMessage(CHAT, 1, { user: "ann", requestId: "r" }), metadata: { colour: "\u{1f4a5}" } };
      await recents.add([recentBatch(CHAT, [message])], 1, epoch);
      expect(contentsOf((await read())!.messages)).toEqual(contentsOf([readMessage(message)]));
    });

    test("put numbers into their order where records were inverted", async () => {
      const { add, numbers, read } = await start();
      await add(1, 1);
      await add(2, 4, 5);
      await add(3, 2, 3);
      expect(await numbers()).toEqual([1, 2, 3, 4, 5]);
      expect(await read()).toMatchObject({ whole: true });
    });

    test("know of a number below them: it is in the database once the writer has passed its record", async () => {
      const { add, numbers, read } = await start();
      await add(1, 5);
      await add(2, 4);
      expect(await read()).toMatchObject({ from: 5, sequence: 2 });
      expect(await numbers()).toEqual([5]);
    });

    test("hold a message once, as it is now, where its record comes twice", async () => {
      const { recents, epoch, add, bodies } = await start();
      await add(1, 1, 2);
      await recents.change([edit(2, 2)]);
      await recents.add([recentBatch(CHAT, messages(2), true)], 3, epoch);
      expect(await bodies()).toEqual(["message 1", "edited"]);
    });

    test("do not begin with a number that an earlier try had: a higher one may be stored already", async () => {
      const { recents, epoch, read } = await start();
      await recents.add([recentBatch(CHAT, messages(1), true)], 1, epoch);
      expect(await read()).toBeUndefined();
    });

    test("replace a message that they hold, and no other", async () => {
      const { recents, add, bodies, read } = await start();
      await add(1, 2, 3);
      for (const number of [1, 3, 4]) await recents.change([edit(2, number)]);
      await recents.change([edit(2, 3, OTHER)]);
      expect(await bodies()).toEqual(["message 2", "edited"]);
      expect(await read({}, OTHER)).toBeUndefined();
    });

    test("follow the writer's changes in their order", async () => {
      const { recents, add, bodies } = await start();
      await add(1, 1, 2);
      await recents.change([edit(2, 2, CHAT, "first"), edit(2, 1, CHAT, "other"), edit(3, 2, CHAT, "second")]);
      expect(await bodies()).toEqual(["other", "second"]);
      await recents.change([]);
      expect(await bodies()).toEqual(["other", "second"]);
    });

    test("take what the system says where they hold what is around it, and nowhere else", async () => {
      const { recents, add, numbers, read } = await start();
      const told = (sequence: number, number: number, chat = CHAT): RecentChange => {
        return { ...edit(sequence, number, chat, `told ${sequence}`), kind: "added" } as RecentChange;
      };
      await recents.change([told(1, 1)]);
      expect(await read()).toBeUndefined();
      await add(2, 2, 4, 6);
      await recents.change([told(3, 3), told(3, 1), told(3, 5), told(3, 1, OTHER)]);
      await recents.change([told(4, 3)]);
      expect(await numbers()).toEqual([2, 3, 4, 5, 6]);
      expect((await read())!.messages[1]!.message.content.value).toBe("told 3");
      expect(await read({}, OTHER)).toBeUndefined();
      await add(5, 7);
      expect(await read()).toMatchObject({ from: 2, whole: true });
      expect(await numbers()).toEqual([2, 3, 4, 5, 6, 7]);
    });

    test.each(["stale", "chatDeleted"] as const)("forget a chat of which the writer says: %s", async (kind) => {
      const { recents, epoch, read, numbers } = await start();
      await recents.add(
        [CHAT, OTHER].map((chat) => recentBatch(chat, [newMessage(chat, 1)])),
        1,
        epoch,
      );
      await recents.change([{ kind, sequence: 2, chat: CHAT }]);
      await recents.change([{ kind, sequence: 2, chat: CHAT }]);
      expect(await read()).toBeUndefined();
      expect(await numbers(OTHER)).toEqual([1]);
    });

    test("begin again with what comes after messages that were refused", async () => {
      const { recents, add, read, numbers } = await start();
      await add(1, 1);
      await recents.change([{ kind: "stale", sequence: 2, chat: CHAT }]);
      await add(7, 2);
      expect(await read()).toMatchObject({ from: 2, sequence: 7 });
      expect(await numbers()).toEqual([2]);
    });

    test("forget an application with all its chats, and no other", async () => {
      const { recents, epoch, read, numbers } = await start();
      const { application } = CHAT;
      const foreign = { application: `${application.slice(0, -1)}z`, chat: 1 };
      await recents.add(
        [CHAT, OTHER, foreign].map((chat) => recentBatch(chat, [newMessage(chat, 1)])),
        1,
        epoch,
      );
      await recents.change([{ kind: "applicationDeleted", sequence: 2, application }]);
      expect(await read()).toBeUndefined();
      expect(await read({}, OTHER)).toBeUndefined();
      expect(await numbers(foreign)).toEqual([1]);
    });

    test("hold the newest of a long chat, without a gap", async () => {
      const { add, read } = await start();
      for (let first = 1; first <= 2_000; first += 50) await add(first, ...range(first, first + 49));
      const part = (await read())!;
      expect(part.messages.length).toBeGreaterThanOrEqual(HELD_MIN);
      expect(part.messages.length).toBeLessThanOrEqual(2 * HELD_MIN);
      expect(part.messages.map(({ number }) => number)).toEqual(range(part.from, 2_000));
      expect(part.whole).toBe(true);
      expect(part.sequence).toBeGreaterThan(1);
      expect(part.sequence).toBeLessThanOrEqual(1_951);
    });

    test("always have every stored message from `from` on, whatever happens", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
          const opened = await start();
          const stored = new StoredNumbers(opened);
          for (const current of steps) {
            await stored.take(current);
            await stored.check();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 300 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("inverted" as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "drop" as const, count: 0 }) },
);

/** What was stored in CHAT and added to recent messages. */
class StoredNumbers {
  readonly #opened: Opened;
  readonly #stored: { number: number; sequence: number }[] = [];
  #sequence = 0;
  #last = 0;

  constructor(opened: Opened) {
    this.#opened = opened;
  }

  async take({ kind, count }: { kind: "add" | "inverted" | "drop"; count: number }): Promise<void> {
    const { recents, read } = this.#opened;
    if (kind === "drop") {
      await recents.change([{ kind: "stale", sequence: ++this.#sequence, chat: CHAT }]);
    } else if (kind === "inverted" && (await read())) {
      await this.#store(range(this.#last + count + 1, this.#last + 2 * count));
      await this.#store(range(this.#last + 1, this.#last + count));
      this.#last += 2 * count;
    } else {
      await this.#store(range(this.#last + 1, this.#last + count));
      this.#last += count;
    }
  }

  async check(): Promise<void> {
    const part = await this.#opened.read();
    if (!part) return;
    const expected = this.#stored.filter(({ number }) => number >= part.from).map(({ number }) => number);
    expect(part.messages.map(({ number }) => number)).toEqual(expected.sort((a, b) => a - b));
    expect(part.whole).toBe(true);
    const below = this.#stored.filter(({ number }) => number < part.from);
    for (const message of below) expect(message.sequence).toBeLessThanOrEqual(part.sequence);
  }

  async #store(numbers: number[]): Promise<void> {
    const sequence = ++this.#sequence;
    this.#stored.push(...numbers.map((number) => ({ number, sequence })));
    await this.#opened.add(sequence, ...numbers);
  }
}
