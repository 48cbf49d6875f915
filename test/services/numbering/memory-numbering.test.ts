import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryNumbering } from "../../../services/numbering/memory-numbering.ts";
import { isToBeStored, type NumberRequest } from "../../../services/numbering/numbering.ts";
import type { NumberingSource } from "../../../services/numbering/numbering-source.ts";
import { describeNumbering } from "./numbering-contract.ts";
import { NumberingScene, type OpenGroup } from "./numbering-scene.ts";

describeNumbering("in memory", ({ source, now }) => new MemoryNumbering(source, now));
describeNumbering("in memory, without idle counters", ({ source, now }) => new MemoryNumbering(source, now, 0));

type Step =
  | { kind: "number"; group: NumberRequest[] }
  | { kind: "settle"; group: number; stored: boolean }
  | { kind: "persist"; records: number }
  | { kind: "clock"; change: number }
  | { kind: "restart" };

const wish = fc.record({
  chat: fc.constantFrom(undefined, 1, 1, 2),
  count: fc.integer({ min: 1, max: 3 }),
  requestId: fc.constantFrom(undefined, "r", "r", "s"),
});
const someRequest = wish.map(({ chat, count, requestId }): NumberRequest => {
  const request = requestId && { principal: "p", requestId, digest: Uint8Array.of(chat ?? 0) };
  return { application: "a", chat, count: chat === undefined || request ? 1 : count, request: request || undefined };
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("number" as const),
      group: fc.array(someRequest, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("settle" as const), group: fc.nat(2), stored: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("persist" as const), records: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("clock" as const), change: fc.integer({ min: -500, max: 500 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

/** A source that answers some questions in another way. */
function sourceWith(source: NumberingSource, answers: Partial<NumberingSource>): NumberingSource {
  return {
    seed: (counter) => source.seed(counter),
    claim: (counter, epoch) => source.claim(counter, epoch),
    findRequests: (names) => source.findRequests(names),
    ...answers,
  };
}

/** The database's answers come when the scheduler lets them. */
function delayed(source: NumberingSource, scheduler: fc.Scheduler): NumberingSource {
  return sourceWith(source, {
    seed: (counter) => scheduler.schedule(source.seed(counter), "seed"),
    findRequests: (names) => scheduler.schedule(source.findRequests(names), "findRequests"),
  });
}

/** Groups that are being numbered, or are numbered and not settled. */
class OpenGroups {
  readonly #scene: NumberingScene;
  readonly #numbered: OpenGroup[] = [];
  #life = 0;

  constructor(scene: NumberingScene) {
    this.#scene = scene;
  }

  start(group: NumberRequest[]): Promise<void> {
    const life = this.#life;
    return this.#scene.numbering.number(group).then((numbered) => {
      if (life !== this.#life) return;
      this.#numbered.push({ group, numbered });
    });
  }

  async settle(index: number, stored: boolean): Promise<void> {
    const [open] = this.#numbered.splice(index % (this.#numbered.length || 1), 1);
    if (open) await this.#scene.settle(open, stored);
  }

  /** What was not stored when the process ended is lost. */
  lose(): void {
    this.#life++;
    this.#numbered.length = 0;
  }
}

async function play(scene: NumberingScene, steps: readonly Step[], scheduler: fc.Scheduler): Promise<void> {
  const open = new OpenGroups(scene);
  const running: Promise<void>[] = [];
  for (const current of steps) {
    if (current.kind === "number") running.push(open.start(current.group));
    else if (current.kind === "settle") await open.settle(current.group, current.stored);
    else if (current.kind === "persist") scene.persist(current.records);
    else if (current.kind === "clock") scene.now += current.change;
    else {
      open.lose();
      await scene.restart();
    }
    if (scheduler.count() > 0) await scheduler.waitOne();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await scheduler.waitIdle();
  await Promise.all(running);
  for (let left = 0; left < steps.length; left++) await open.settle(0, true);
  scene.persist();
}

describe("memory numbering", () => {
  // The simulated database throws where a number is stored twice, or a request makes a second number.
  test.each([0, 1, 100])(
    "never gives a number twice, nor a request two numbers, however things interleave (%i idle counters)",
    async (maxCounters) => {
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(step, { minLength: 20, maxLength: 80, size: "max" }),
          async (scheduler, steps) => {
            const scene = await NumberingScene.open(
              ({ source, now }) => new MemoryNumbering(source, now, maxCounters),
              (database) => delayed(database, scheduler),
            );
            scene.database.create({ application: "a" }, { last: 1, lastTimeMs: 0 });
            scene.database.create({ application: "a", chat: 1 }, { last: 5, lastTimeMs: 900_000 });
            await play(scene, steps, scheduler);
            for (const times of scene.database.times()) expect(times).toEqual([...times].sort((a, b) => a - b));
          },
        ),
        { numRuns: 200 },
      );
    },
    60_000,
  );

  test("gives times of its clock, which never fall in a chat when it is set back", async () => {
    const chat = { application: "a", chat: 1, count: 1 };
    const scene = await NumberingScene.open(({ source, now }) => new MemoryNumbering(source, now));
    scene.database.create(chat);
    const times: number[] = [];
    for (const now of [5_000, 4_000, 3_000, 5_001]) {
      scene.now = now;
      const [numbered] = await scene.store(chat);
      times.push((numbered as { createTimeMs: number }).createTimeMs);
      if (now === 4_000) await scene.restart();
    }
    expect(times).toEqual([5_000, 5_000, 5_000, 5_001]);
  });

  test("lets the request_id of a group that was not stored be used for another request", async () => {
    const scene = await NumberingScene.open(({ source, now }) => new MemoryNumbering(source, now));
    scene.database.create({ application: "a", chat: 1 });
    const wish = (digest: number): NumberRequest => {
      const request = { principal: "p", requestId: "r", digest: Uint8Array.of(digest) };
      return { application: "a", chat: 1, count: 1, request };
    };
    await scene.settle(await scene.number(wish(1)), false);
    expect(await scene.store(wish(2))).toMatchObject([{ kind: "assigned" }]);
  });

  test("forgets idle counters once all they gave is persisted, the longest unused first", async () => {
    const seeds: number[] = [];
    const scene = await NumberingScene.open(
      ({ source, now }) => new MemoryNumbering(source, now, 2),
      (database) =>
        sourceWith(database, {
          seed: (counter) => {
            seeds.push(counter.chat!);
            return database.seed(counter);
          },
        }),
    );
    const message = (chat: number): NumberRequest => ({ application: "a", chat, count: 1 });
    for (const chat of [1, 2, 3]) scene.database.create({ application: "a", chat });
    await scene.store(message(1));
    await scene.store(message(2));
    await scene.store(message(3));
    await scene.store(message(1));
    expect(seeds).toEqual([1, 2, 3]);
    scene.persist();
    expect(await scene.store(message(1), message(3))).toMatchObject([{ first: 3 }, { first: 2 }]);
    expect(seeds).toEqual([1, 2, 3]);
    expect(await scene.store(message(2))).toMatchObject([{ first: 2 }]);
    expect(seeds).toEqual([1, 2, 3, 2]);
  });

  test("does not use a seed that was read before the chat was deleted", async () => {
    const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
    let calls = 0;
    const scene = await NumberingScene.open(
      ({ source, now }) => new MemoryNumbering(source, now),
      (database) =>
        sourceWith(database, {
          seed: async (counter) => {
            const seed = await database.seed(counter);
            if (calls++ === 0) await slow;
            return seed;
          },
        }),
    );
    const chat = { application: "a", chat: 1 };
    scene.database.create(chat);
    const waiting = scene.numbering.number([{ ...chat, count: 1 }]);
    await expect.poll(() => calls).toBe(1);
    scene.database.delete(chat);
    await scene.numbering.remove(chat);
    answer();
    const [outcome] = (await waiting).numbered;
    expect(isToBeStored(outcome!)).toBe(false);
    expect(outcome).toEqual({ kind: "absent" });
  });

  test("asks the database once for a counter and a request that several groups want at the same time", async () => {
    let calls = 0;
    const count = <T>(answer: T) => {
      calls++;
      return answer;
    };
    const scene = await NumberingScene.open(
      ({ source, now }) => new MemoryNumbering(source, now),
      (database) =>
        sourceWith(database, {
          seed: (counter) => count(database.seed(counter)),
          findRequests: (names) => count(database.findRequests(names)),
        }),
    );
    scene.database.create({ application: "a", chat: 1 });
    const request = { principal: "p", requestId: "r", digest: Uint8Array.of(1) };
    const group: NumberRequest[] = [{ application: "a", chat: 1, count: 1, request }];
    await Promise.all([1, 2, 3].map(() => scene.numbering.number(group)));
    expect(calls).toBe(2);
  });
});
