import { parseTarget, type Target } from "./target.ts";

const MAX_TARGETS = 5_000;

/** What names say, of those that came last: finding one again is cheaper than parsing it. */
export class KnownTargets {
  readonly #targets = new Map<string, Target>();

  find(name: string): Target | undefined {
    return this.#targets.get(name);
  }

  /** Parses a name as parseTarget does it. */
  learn(name: string, field: string): Target {
    const target = parseTarget(name, field);
    if (this.#targets.size >= MAX_TARGETS) this.#targets.delete(this.#targets.keys().next().value!);
    this.#targets.set(name, target);
    return target;
  }
}
