import { describe, expect, test } from "vitest";
import { MAX_NUMBER } from "../../../services/aip/resource-name.ts";
import {
  type CreateRequestKey,
  isToBeStored,
  type Numbered,
  type NumberRequest,
} from "../../../services/numbering/numbering.ts";
import { type CreateNumbering, NumberingScene } from "./numbering-scene.ts";

const CHAT = { application: "a", chat: 1 };
const APPLICATION = { application: "a" };
/** The year 2100: later than any clock. */
const FAR_FUTURE_MS = 4_102_444_800_000;
const ABSENT = { kind: "absent" };
const LATER = { kind: "later" };
const some = (count = 1, chat = 1): NumberRequest => ({ application: "a", chat, count });
const key = (requestId: string, digest = 1): CreateRequestKey => ({
  principal: "applications/a",
  requestId,
  digest: Uint8Array.of(digest),
});
const keyed = (requestId: string, digest = 1): NumberRequest => ({ ...some(), request: key(requestId, digest) });
const newChat = (requestId?: string): NumberRequest => ({
  application: "a",
  count: 1,
  request: requestId === undefined ? undefined : key(requestId),
});

/** Resolves when a wish that has to wait may be asked again. */
const readyOf = (numbered: Numbered | undefined) =>
  numbered?.kind === "later" ? numbered.ready : Promise.reject(new Error("it need not wait"));

/**
 * What every adapter of Numbering must do.
 *
 * @param create makes a numbering over a database
 */
export function describeNumbering(adapter: string, create: CreateNumbering): void {
  const openScene = async () => {
    const scene = await NumberingScene.open(create);
    scene.database.create(APPLICATION, { last: 1, lastTimeMs: 0 });
    scene.database.create(CHAT);
    return scene;
  };

  describe(`numbering: ${adapter}`, () => {
    describe("gives numbers", () => {
      test("from 1, consecutive, in the order of the group, and a batch its own range", async () => {
        const scene = await openScene();
        const [one, batch, two] = await scene.store(some(), some(3), some());
        expect([one, batch, two]).toMatchObject([{ first: 1 }, { first: 2 }, { first: 5 }]);
        expect(await scene.store(some())).toMatchObject([{ kind: "assigned", first: 6 }]);
      });

      test("of each chat and application apart", async () => {
        const scene = await openScene();
        scene.database.create({ application: "a", chat: 2 });
        scene.database.create({ application: "b" });
        scene.database.create({ application: "b", chat: 1 });
        const group = [
          some(2),
          some(1, 2),
          newChat(),
          { application: "b", chat: 1, count: 1 },
          { application: "b", count: 1 },
        ];
        expect(await scene.store(...group)).toMatchObject(
          [1, 1, 2, 1, 1].map((first) => ({ kind: "assigned", first })),
        );
      });

      test("above all that were stored before it began", async () => {
        const scene = await openScene();
        scene.database.create(CHAT, { last: 41, lastTimeMs: 5 });
        expect(await scene.store(some())).toMatchObject([{ first: 42 }]);
      });

      test("that go on over restarts and while records wait for the database", async () => {
        const scene = await openScene();
        await scene.store(some(2));
        scene.persist();
        await scene.store(some(2));
        expect(await scene.store(some())).toMatchObject([{ first: 5 }]);
        await scene.restart();
        expect(await scene.store(some())).toMatchObject([{ first: 6 }]);
      });

      test("of a chat as soon as it is stored", async () => {
        const scene = await openScene();
        const [chat] = await scene.store(newChat());
        expect(chat).toMatchObject({ kind: "assigned", first: 2 });
        expect(await scene.store(some(1, 2))).toMatchObject([{ kind: "assigned", first: 1 }]);
        scene.persist();
        expect(await scene.store(some(1, 2))).toMatchObject([{ kind: "assigned", first: 2 }]);
      });

      test("up to the largest, and says then that all are given", async () => {
        const scene = await openScene();
        scene.database.create(CHAT, { last: MAX_NUMBER - 2, lastTimeMs: 0 });
        expect(await scene.store(some(3), some(2), some())).toMatchObject([
          { kind: "exhausted" },
          { kind: "assigned", first: MAX_NUMBER - 1 },
          { kind: "exhausted" },
        ]);
      });

      test("to as many of a group as there are numbers for", async () => {
        const scene = await openScene();
        scene.database.create(CHAT, { last: MAX_NUMBER - 5, lastTimeMs: 0 });
        const last = (first: number) => ({ kind: "assigned", first: MAX_NUMBER - 5 + first });
        const exhausted = { kind: "exhausted" };
        expect(await scene.store(some(2), some(2), some(2), some())).toMatchObject([
          last(1),
          last(3),
          exhausted,
          last(5),
        ]);
        expect(await scene.store(some(), some())).toMatchObject([exhausted, exhausted]);
      });

      test("not of what does not exist", async () => {
        const scene = await openScene();
        const group = [some(1, 9), { application: "zz", count: 1 }, some()];
        expect(await scene.store(...group)).toMatchObject([ABSENT, ABSENT, { kind: "assigned", first: 1 }]);
        scene.database.create({ application: "a", chat: 9 });
        expect(await scene.store(some(1, 9))).toMatchObject([{ kind: "assigned", first: 1 }]);
      });
    });

    describe("gives times", () => {
      test("that never fall in a chat, over restarts too, nor below what is stored in it", async () => {
        const scene = await openScene();
        scene.database.create(CHAT, { last: 4, lastTimeMs: FAR_FUTURE_MS });
        const numbered = [...(await scene.store(some(), some())), ...(await scene.store(some()))];
        await scene.restart();
        numbered.push(...(await scene.store(some())));
        expect(numbered).toMatchObject([5, 6, 7, 8].map((first) => ({ first, createTimeMs: FAR_FUTURE_MS })));
      });
    });

    describe("recognises a request", () => {
      test("within a group, before and after it is stored, persisted, and over a restart", async () => {
        const scene = await openScene();
        const [made, twin] = await scene.store(keyed("r"), keyed("r"));
        expect(made).toMatchObject({ kind: "assigned", first: 1 });
        expect(twin).toEqual({ ...made, kind: "repeated", stored: false });
        scene.now += 1_000;
        const again = { ...made, kind: "repeated", stored: true };
        expect(await scene.store(keyed("r"))).toEqual([again]);
        scene.persist();
        expect(await scene.store(keyed("r"))).toEqual([again]);
        await scene.restart();
        expect(await scene.store(keyed("r"), some())).toMatchObject([again, { first: 2 }]);
      });

      test("of a chat as of a message", async () => {
        const scene = await openScene();
        await scene.store(newChat("r"));
        expect(await scene.store(newChat("r"), newChat("s"))).toMatchObject([
          { kind: "repeated", first: 2 },
          { kind: "assigned", first: 3 },
        ]);
      });

      test("in its own chat and of its own principal alone", async () => {
        const scene = await openScene();
        scene.database.create({ application: "a", chat: 2 });
        const ofAdmin = { ...some(), request: { ...key("r"), principal: "admin" } };
        expect(await scene.store(keyed("r"), { ...keyed("r"), chat: 2 }, ofAdmin, newChat("r"))).toMatchObject([
          { kind: "assigned", first: 1 },
          { kind: "assigned", first: 1 },
          { kind: "assigned", first: 2 },
          { kind: "assigned", first: 2 },
        ]);
      });

      test("that is another one under the same id", async () => {
        const scene = await openScene();
        expect(await scene.store(keyed("r", 1), keyed("r", 2))).toMatchObject([
          { kind: "assigned" },
          { kind: "reused" },
        ]);
        expect(await scene.store(keyed("r", 2))).toEqual([{ kind: "reused" }]);
        await scene.restart();
        expect(await scene.store(keyed("r", 2), keyed("r", 1), some())).toMatchObject([
          { kind: "reused" },
          { kind: "repeated", first: 1 },
          { kind: "assigned", first: 2 },
        ]);
      });

      test("of two groups that ran at the same time, and both are stored", async () => {
        const scene = await openScene();
        const [one, other] = await Promise.all([scene.number(keyed("r"), some()), scene.number(some(), keyed("r"))]);
        const ofRequest = [one.numbered.numbered[0]!, other.numbered.numbered[1]!];
        expect(ofRequest.map(({ kind }) => kind).sort()).toEqual(["assigned", "repeated"]);
        expect(ofRequest[0]).toMatchObject({ first: (ofRequest[1] as { first: number }).first });
        await scene.settle(one, true);
        await scene.settle(other, true);
        await scene.restart();
        expect(await scene.store(keyed("r"))).toMatchObject([{ kind: "repeated", stored: true }]);
      });

      test("of two groups that ran at the same time, and the second alone is stored", async () => {
        const scene = await openScene();
        const first = await scene.number(newChat("r"));
        const second = await scene.number(newChat("r"));
        expect(second.numbered.numbered).toMatchObject([{ kind: "repeated", first: 2, stored: false }]);
        await scene.settle(first, false);
        scene.persist();
        await scene.settle(second, true);
        expect(await scene.store(some(1, 2))).toMatchObject([{ kind: "assigned", first: 1 }]);
        expect(await scene.store(newChat("r"), newChat())).toMatchObject([
          { kind: "repeated", first: 2, stored: true },
          { kind: "assigned", first: 3 },
        ]);
        await scene.restart();
        expect(await scene.store(newChat())).toMatchObject([{ first: 4 }]);
      });
    });

    describe("after a group that was not stored", () => {
      test("gives its request a number again, or the same one, and no number twice to what is stored", async () => {
        const scene = await openScene();
        await scene.settle(await scene.number(keyed("r"), some()), false);
        const [again, other] = await scene.store(keyed("r"), keyed("r", 2));
        expect(isToBeStored(again!)).toBe(true);
        expect(other).toEqual({ kind: "reused" });
        await scene.store(some());
        await scene.restart();
        expect(await scene.store(keyed("r"))).toMatchObject([{ kind: "repeated" }]);
      });

      test("numbers of its neighbours stay as they are", async () => {
        const scene = await openScene();
        const lost = await scene.number(some(2));
        expect(await scene.store(some())).toMatchObject([{ first: 3 }]);
        await scene.settle(lost, false);
        expect(await scene.store(some())).toMatchObject([{ first: 4 }]);
        await scene.restart();
        expect(await scene.store(some())).toMatchObject([{ first: 5 }]);
      });
    });

    describe("while a deletion is judged", () => {
      test("the chat gives no numbers, until each deletion is judged", async () => {
        const scene = await openScene();
        await scene.store(some());
        await scene.numbering.close(CHAT, "one");
        await scene.numbering.close(CHAT, "other");
        expect(await scene.ask(some())).toMatchObject([LATER]);
        await scene.numbering.reopen(["one"]);
        await scene.numbering.reopen(["one", "unknown"]);
        const [waiting] = await scene.ask(some());
        expect(waiting).toMatchObject(LATER);
        await scene.numbering.reopen(["other"]);
        scene.persist();
        await readyOf(waiting);
        expect(await scene.store(some())).toMatchObject([{ first: 2 }]);
      });

      test("the chats of the application give none either", async () => {
        const scene = await openScene();
        const foreign = { application: "aa", chat: 1, count: 1 };
        scene.database.create(foreign);
        await scene.store(foreign);
        await scene.numbering.close(APPLICATION, "deletion");
        const numbered = await scene.ask(some(), newChat(), foreign);
        expect(numbered).toMatchObject([LATER, LATER, { kind: "assigned", first: 2 }]);
        await scene.numbering.reopen(["deletion"]);
        scene.persist();
        await Promise.all(numbered.slice(0, 2).map(readyOf));
        expect(await scene.store(some(), newChat())).toMatchObject([{ first: 1 }, { first: 2 }]);
      });

      test("it knows of the numbers that were given and may be stored after it", async () => {
        const scene = await openScene();
        const groups = [await scene.number(some(3)), await scene.number(newChat())];
        expect((await scene.numbering.close(CHAT, "one")).numbered).toBe(3);
        expect((await scene.numbering.close(APPLICATION, "other")).numbered).toBe(2);
        for (const group of groups) await scene.settle(group, true);
      });

      test("who waits is told of its end, whatever that is", async () => {
        const scene = await openScene();
        await scene.numbering.close(CHAT, "deletion");
        const [waiting] = await scene.ask(some());
        await scene.delete(CHAT, "deletion");
        await readyOf(waiting);
        expect(await scene.store(some())).toEqual([ABSENT]);
      });

      test("a request that was stored before is still recognised", async () => {
        const scene = await openScene();
        await scene.store(keyed("r"));
        await scene.numbering.close(CHAT, "deletion");
        expect(await scene.store(keyed("r"))).toMatchObject([{ kind: "repeated", first: 1, stored: true }]);
      });

      test("a request that was not is as new when the deletion is refused", async () => {
        const scene = await openScene();
        await scene.numbering.close(CHAT, "deletion");
        expect(await scene.ask(keyed("r"))).toMatchObject([LATER]);
        await scene.numbering.reopen(["deletion"]);
        expect(await scene.store(keyed("r", 2))).toMatchObject([{ kind: "assigned", first: 1 }]);
      });
    });

    describe("after a deletion", () => {
      test("the chat is absent, whoever else closed it", async () => {
        const scene = await openScene();
        await scene.store(some());
        await scene.numbering.close(CHAT, "one");
        await scene.numbering.close(CHAT, "other");
        await scene.delete(CHAT, "one");
        expect((await scene.ask(some())).map(({ kind }) => kind)).not.toContain("assigned");
        await scene.numbering.reopen(["other"]);
        expect(await scene.store(some())).toEqual([ABSENT]);
        await scene.numbering.close(CHAT, "another");
        await scene.numbering.reopen(["another"]);
        expect(await scene.store(some())).toEqual([ABSENT]);
      });

      test("an application is absent with its chats, and others are not", async () => {
        const scene = await openScene();
        scene.database.create({ application: "aa", chat: 1 });
        await scene.store(some(), { application: "aa", chat: 1, count: 1 });
        await scene.numbering.close(APPLICATION, "deletion");
        await scene.delete(APPLICATION, "deletion");
        expect(await scene.store(some(), newChat(), { application: "aa", chat: 1, count: 1 })).toMatchObject([
          ABSENT,
          ABSENT,
          { kind: "assigned", first: 2 },
        ]);
      });

      test("a chat whose creation comes too late takes no messages", async () => {
        const scene = await openScene();
        const late = await scene.number(newChat());
        await scene.numbering.close(APPLICATION, "deletion");
        await scene.delete(APPLICATION, "deletion");
        await scene.settle(late, true);
        expect(await scene.store(some(1, 2))).toEqual([ABSENT]);
      });
    });

    describe("while the database is away", () => {
      test("what needs it gets no number, and all else goes on", async () => {
        const scene = await openScene();
        scene.database.create({ application: "a", chat: 2 });
        await scene.store(some());
        scene.database.away = true;
        const [known, unknown, request] = await scene.store(some(), some(1, 2), keyed("r"));
        expect(known).toMatchObject({ kind: "assigned", first: 2 });
        expect(unknown).toMatchObject({ kind: "unavailable", cause: expect.any(Error) });
        expect(request).toMatchObject({ kind: "unavailable", cause: expect.any(Error) });
        scene.database.away = false;
        expect(await scene.store(some(), some(1, 2), keyed("r"))).toMatchObject([
          { first: 3 },
          { first: 1 },
          { kind: "assigned", first: 4 },
        ]);
      });
    });
  });
}
