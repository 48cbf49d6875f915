import type { SeededRandom } from "../../seeded-random.ts";
import type { Create } from "../history/operation.ts";
import { childOf, isChat, originOf, type State } from "../history/resource.ts";
import { attemptCreate, type Wanted } from "./calls.ts";
import type { Connection } from "./connections.ts";
import type { Recorder } from "./recorder.ts";
import type { Targets } from "./targets.ts";

/** A word that is in every message, so that a search for it finds all that live. */
export const COMMON_WORD = "faults";

/** What is in a body that the database is made to refuse. */
export const POISON = "poison";

export function isPoison(state: State): boolean {
  return state.includes(POISON);
}

/** How long, at most, creates without an answer are sent again once the load is over. */
const SETTLE_MS = 60_000;
const PAUSE_MS = 100;

type Options = {
  connections: readonly Connection[];
  recorder: Recorder;
  targets: Targets;
  random: SeededRandom;
  /** What every body ends with. */
  padding?: string;
};

/** Creates, of which those that have a request_id and no answer are sent again. */
export class Creates {
  readonly #options: Options;
  /** Those that have a request_id and no answer, by their ids. */
  readonly #open = new Map<string, Wanted>();
  #count = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** A create that nobody asked for yet: of messages where the parent is a chat, else of a chat. */
  want(parent: string, count: number, requestId: string, padding = this.#options.padding ?? ""): Wanted {
    this.#count += 1;
    const create = `c${this.#count}`;
    const texts = Array.from({ length: count }, (_, index) => `${COMMON_WORD} ${originOf(create, index)}`);
    const states = texts.map((each) => (isChat(parent) ? each + padding : each));
    return { create, parent, states, requestId };
  }

  /** Sends a create, for the first time or again. */
  async attempt(connection: Connection, wanted: Wanted): Promise<Create> {
    const { recorder, targets } = this.#options;
    const create = await attemptCreate(recorder, connection.services(targets.keyFor(wanted.parent)), wanted);
    if (create.outcome === "unknown" && wanted.requestId !== "") this.#open.set(wanted.create, wanted);
    else this.#open.delete(wanted.create);
    if (create.outcome === "ok") this.#learn(create);
    return create;
  }

  /** One of those without an answer; undefined where there are none. */
  anyOpen(): Wanted | undefined {
    return this.#options.random.pick([...this.#open.values()]);
  }

  /** Sends those without an answer until they have one; rejects where some get none. */
  async settle(): Promise<void> {
    const { connections, random } = this.#options;
    for (const limit = Date.now() + SETTLE_MS; this.#open.size > 0; ) {
      if (Date.now() > limit) throw new Error(`${this.#open.size} creates got no answer for ${SETTLE_MS} ms`);
      await Promise.all([...this.#open.values()].map((wanted) => this.attempt(random.pick(connections), wanted)));
      if (this.#open.size > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #learn({ parent, numbers }: Create): void {
    const { targets } = this.#options;
    const names = numbers.map((number) => childOf(parent, number));
    if (isChat(parent)) targets.addMessages(names);
    else targets.addChat(names[0]!);
  }
}
