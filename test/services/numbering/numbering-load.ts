import { setTimeout as pause } from "node:timers/promises";
import {
  isToBeStored,
  type Numbered,
  NumberingUnavailableError,
  type NumberRequest,
} from "../../../services/numbering/numbering.ts";
import { EpochOverError, QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import type { SeededRandom } from "../../seeded-random.ts";
import type { NumberingScene } from "./numbering-scene.ts";
import { counterNameOf } from "./simulated-database.ts";

/** A create that was answered. Moments are places in the order of all begins and answers. */
export type Answer = { request: NumberRequest; first: number; isNew: boolean; began: number; answered: number };

const ATTEMPTS_MAX = 50;

/** Creates by processes that stand still, die, and lose answers, in a chat or of chats. */
export class NumberingLoad {
  readonly answers: Answer[] = [];
  readonly #scenes: readonly NumberingScene[];
  readonly #random: SeededRandom;
  #moment = 0;

  constructor(scenes: readonly NumberingScene[], random: SeededRandom) {
    this.#scenes = scenes;
    this.#random = random;
  }

  /** Creates through random processes, one after the other, until told to end. */
  async run(name: string, wishes: readonly NumberRequest[], signal: AbortSignal): Promise<void> {
    for (let index = 0; !signal.aborted; index++) {
      const wish = this.#random.pick(wishes);
      const isRepeated = this.#random.below(3) === 0;
      const request = isRepeated ? { principal: name, requestId: `${index}`, digest: Uint8Array.of(1) } : undefined;
      for (let tries = isRepeated ? 3 : 1; tries > 0; tries--) await this.#create({ ...wish, request });
    }
  }

  async #create(request: NumberRequest): Promise<void> {
    const began = ++this.#moment;
    const outcome = await this.#store(this.#random.pick(this.#scenes), request).catch((error: unknown) => {
      if (error instanceof NumberingUnavailableError || error instanceof QueueUnavailableError) return undefined;
      throw error;
    });
    if (!outcome) return void (await pause(5));
    const isNew = outcome.kind === "assigned";
    this.answers.push({ request, first: outcome.first, isNew, began, answered: ++this.#moment });
  }

  /** What the caller is answered; nothing where it is told to try again, or is not told anything. */
  async #store(scene: NumberingScene, request: NumberRequest) {
    let over: number | undefined;
    for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
      const numbered = await scene.numbering.number([request], over);
      const [outcome] = numbered.numbered as [Numbered];
      if (outcome.kind === "later") {
        if (!(await outcome.ready.catch(() => undefined))) return undefined;
        continue;
      }
      if (outcome.kind !== "assigned" && outcome.kind !== "repeated") throw new Error(`numbered as ${outcome.kind}`);
      if (!isToBeStored(outcome)) return outcome;
      await pause(this.#random.pick([0, 0, 0, 1, 1, 5, 5, 80, 500]));
      if (this.#isUnlucky()) return undefined;
      try {
        await scene.settle({ group: [request], numbered }, true);
        return this.#isUnlucky() ? undefined : outcome;
      } catch (error) {
        if (!(error instanceof EpochOverError)) throw error;
        over = numbered.epoch;
      }
    }
    throw new Error("no epoch lasts");
  }

  #isUnlucky(): boolean {
    return this.#random.below(30) === 0;
  }
}

/** New creates that began after a higher number of their counter was answered. */
export function findInversions(answers: readonly Answer[]): [earlier: Answer, later: Answer][] {
  return [...Map.groupBy(answers, ({ request }) => counterNameOf(request)).values()].flatMap((ofCounter) => {
    const byAnswer = ofCounter.toSorted((a, b) => a.answered - b.answered);
    return ofCounter.flatMap((later): [Answer, Answer][] => {
      const higher = byAnswer.find(({ answered, first }) => answered < later.began && first > later.first);
      return later.isNew && higher ? [[higher, later]] : [];
    });
  });
}
