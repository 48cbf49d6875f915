import { tooManyCalls } from "./errors.ts";

/** Counts the calls in flight, so that what they hold and wait for is bounded. */
export class CallLimit {
  readonly #max: number;
  #calls = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Lets a call in, which `leave` counts out.
   *
   * @throws RESOURCE_EXHAUSTED where there are too many
   */
  enter(): void {
    if (this.#calls >= this.#max) throw tooManyCalls(this.#max);
    this.#calls++;
  }

  leave(): void {
    this.#calls--;
  }
}
