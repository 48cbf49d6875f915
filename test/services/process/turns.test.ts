import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TooManyWaitingError, Turns } from "../../../services/process/turns.ts";

/** Turns whose work ends when the test says so. */
class Scene {
  readonly turns: Turns;
  /** What was begun, in order. */
  readonly begun: string[] = [];
  readonly underWay = new Map<string, () => void>();
  readonly outcomes = new Map<string, PromiseSettledResult<string>>();

  constructor(atOnce: number, maxWaiting = Number.POSITIVE_INFINITY) {
    this.turns = new Turns({ atOnce, maxWaiting });
  }

  async ask(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const work = () => {
      this.begun.push(name);
      return new Promise<string>((resolve) => this.underWay.set(name, () => resolve(name)));
    };
    const [outcome] = await Promise.allSettled([this.turns.take(owner, work, signal)]);
    this.outcomes.set(name, outcome!);
  }

  async end(name: string): Promise<void> {
    this.underWay.get(name)!();
    this.underWay.delete(name);
    await settled();
  }

  async endAll(): Promise<void> {
    while (this.underWay.size > 0) await this.end(this.underWay.keys().next().value!);
  }
}

/** Once all that can go on has gone on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("turns", () => {
  test("let as much be done at once as they were told, and go on after a failure", async () => {
    const turns = new Turns({ atOnce: 2, maxWaiting: 10 });
    const first = Promise.withResolvers<string>();
    const begun: string[] = [];
    const work = (name: string, outcome: () => Promise<string> | string) => async () => {
      begun.push(name);
      return outcome();
    };
    const fail = () => {
      throw new Error("c failed");
    };
    const outcomes = Promise.allSettled([
      turns.take(
        "x",
        work("a", () => first.promise),
      ),
      turns.take(
        "x",
        work("b", () => first.promise),
      ),
      turns.take("x", work("c", fail)),
      turns.take(
        "x",
        work("d", () => "d"),
      ),
    ]);
    await settled();
    expect(begun).toEqual(["a", "b"]);
    first.resolve("done");
    expect(await outcomes).toMatchObject([
      { value: "done" },
      { value: "done" },
      { status: "rejected" },
      { value: "d" },
    ]);
    expect(begun).toEqual(["a", "b", "c", "d"]);
  });

  test("go round the owners, whatever one of them asks for", async () => {
    const scene = new Scene(1);
    for (const name of ["a1", "a2", "a3", "a4", "b1", "c1", "c2"]) void scene.ask(name[0]!, name);
    await settled();
    await scene.end("a1");
    void scene.ask("b", "b2");
    await scene.endAll();
    expect(scene.begun).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "c2", "a4"]);
  });

  test("skip what was given up, which hears of it at once", async () => {
    const scene = new Scene(1);
    const caller = new AbortController();
    void scene.ask("a", "a1");
    void scene.ask("a", "a2", caller.signal);
    await settled();
    caller.abort(new Error("gone"));
    void scene.ask("a", "a3", caller.signal);
    await settled();
    expect(scene.outcomes.get("a2")).toMatchObject({ reason: { message: "gone" } });
    expect(scene.outcomes.get("a3")).toMatchObject({ reason: { message: "gone" } });
    await scene.endAll();
    expect(scene.begun).toEqual(["a1"]);
  });

  test("let no owner have more waiting than it may, nor count what was given up", async () => {
    const scene = new Scene(1, 2);
    const caller = new AbortController();
    for (const name of ["a1", "a2", "a3"]) void scene.ask("a", name, caller.signal);
    void scene.ask("b", "b1");
    await scene.ask("a", "a4");
    expect(scene.outcomes.get("a4")).toMatchObject({ reason: expect.any(TooManyWaitingError) });
    caller.abort();
    void scene.ask("a", "a5");
    await settled();
    await scene.endAll();
    expect(scene.begun).toEqual(["a1", "b1", "a5"]);
  });

  test("come to all who wait for them, in a round at most", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("ask"), pick: fc.nat() }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("end"), pick: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("give up"), pick: fc.nat() }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), async (atOnce, steps) => {
        const scene = new Scene(atOnce);
        const asked: Asked[] = [];
        for (const { kind, pick } of steps) {
          await take(scene, asked, kind, pick);
          expect(scene.underWay.size).toBeLessThanOrEqual(atOnce);
          if (waitingIn(scene, asked).length > 0) expect(scene.underWay.size).toBe(atOnce);
        }
        await scene.endAll();
        const wanted = asked.filter(({ caller }) => !caller.signal.aborted);
        expect(scene.begun.toSorted()).toEqual(wanted.map(({ name }) => name).sort());
        for (const one of wanted) {
          const meanwhile = begunWhileWaiting(scene, wanted, one);
          expect(meanwhile).toEqual([...new Set(meanwhile)]);
          expect(meanwhile).not.toContain(one.owner);
        }
      }),
    );
  });
});

/** `at` is how much had begun by then. */
type Asked = { name: string; owner: string; caller: AbortController; at: number };

function waitingIn(scene: Scene, asked: readonly Asked[]): Asked[] {
  return asked.filter(({ name, caller }) => !caller.signal.aborted && !scene.begun.includes(name));
}

async function take(scene: Scene, asked: Asked[], kind: string, pick: number): Promise<void> {
  if (kind === "ask") {
    const [owner, name] = ["abcd"[pick % 4]!, `${"abcd"[pick % 4]}${asked.length}`];
    const caller = new AbortController();
    asked.push({ name, owner, caller, at: scene.begun.length });
    void scene.ask(owner, name, caller.signal);
  }
  if (kind === "end" && scene.underWay.size > 0) {
    await scene.end([...scene.underWay.keys()][pick % scene.underWay.size]!);
  }
  const waiting = waitingIn(scene, asked);
  if (kind === "give up" && waiting.length > 0) waiting[pick % waiting.length]!.caller.abort();
  await settled();
}

/** The owners whose work began while this was the next of its owner. */
function begunWhileWaiting(scene: Scene, wanted: readonly Asked[], { name, owner, at }: Asked): string[] {
  const own = wanted.filter((other) => other.owner === owner).map((other) => other.name);
  const before = own[own.indexOf(name) - 1];
  const from = before === undefined ? at : Math.max(at, scene.begun.indexOf(before) + 1);
  return scene.begun.slice(from, scene.begun.indexOf(name)).map((other) => other[0]!);
}
