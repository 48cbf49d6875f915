import type { DescMethod } from "@bufbuild/protobuf";
import { tooManyCalls } from "./errors.ts";

/** Counts the calls in flight, so that what they hold and wait for is bounded. */
export class CallLimit {
  readonly #max: number;
  readonly #isUncounted: (method: DescMethod) => boolean;
  #calls = 0;

  constructor(max: number, isUncounted: (method: DescMethod) => boolean) {
    this.#max = max;
    this.#isUncounted = isUncounted;
  }

  /**
   * Lets a call in; the function returned, which may be called again, counts it out.
   *
   * @throws RESOURCE_EXHAUSTED where there are too many
   */
  enter(method: DescMethod): () => void {
    if (this.#isUncounted(method)) return () => {};
    if (this.#calls >= this.#max) throw tooManyCalls(this.#max);
    this.#calls++;
    let isIn = true;
    return () => {
      if (isIn) this.#calls--;
      isIn = false;
    };
  }
}
