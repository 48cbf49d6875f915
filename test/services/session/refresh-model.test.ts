import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type TokenProcess, TokenScene } from "../token/token-scene.ts";

const START_MS = Date.UTC(2026, 0, 2);
const RETRY_MS = 10_000;

let scene: TokenScene;
let processes: TokenProcess[];
beforeAll(async () => {
  scene = await TokenScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  processes = [await scene.startProcess(), await scene.startProcess()];
});
afterEach(() => void vi.useRealTimers());

/** What a session must do, as the contract says it. */
class ModelSession {
  readonly tokens: string[];
  #rotatedMs = START_MS;
  #isOver = false;

  constructor(first: string) {
    this.tokens = [first];
  }

  /** Holds an answer to a token against what it must be; undefined stands for a refusal. */
  check(index: number, answer: string | undefined): void {
    const last = this.tokens.length - 1;
    if (!this.#isOver && index === last) {
      expect(this.tokens).not.toContain(answer);
      this.tokens.push(answer!);
      this.#rotatedMs = Date.now();
    } else if (!this.#isOver && index === last - 1 && Date.now() - this.#rotatedMs <= RETRY_MS) {
      expect(answer).toBe(this.tokens[last]);
    } else {
      expect(answer).toBeUndefined();
      this.#isOver = true;
    }
  }
}

/** How far back the token is that is sent, how long before it nothing happens, and by which process it is taken. */
const steps = fc.array(
  fc.record({
    back: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
    waitMs: fc.constantFrom(0, 0, 5_000, RETRY_MS, RETRY_MS + 1),
    by: fc.constantFrom(0, 1),
  }),
  { maxLength: 12 },
);

test("whatever refresh tokens are sent, one that was used gives its next one for a while, and else ends the session", async () => {
  const isRight = fc.asyncProperty(steps, async (all) => {
    vi.setSystemTime(START_MS);
    const user = await scene.createUser();
    const session = new ModelSession((await processes[0]!.userTokens.begin(user)).refresh!.token);
    for (const { back, waitMs, by } of all) {
      vi.setSystemTime(Date.now() + waitMs);
      const index = Math.max(0, session.tokens.length - 1 - back);
      const answer = await processes[by]!.userTokens.refresh(scene.application, session.tokens[index]!).then(
        ({ tokens }) => tokens.refresh!.token,
        () => undefined,
      );
      session.check(index, answer);
    }
  });
  await fc.assert(isRight, { numRuns: 60 });
});
