/**
 * Ranks from 1 on, of which rank r is drawn in proportion to 1/r: Zipf's law with the exponent 1, as what people do in
 * few places often and in many seldom (Breslau et al., Web Caching and Zipf-like Distributions, 1999).
 */
export class Zipf {
  /** The share of the ranks up to each. */
  readonly #upTo: Float64Array;

  constructor(ranks: number) {
    let sum = 0;
    const sums = Float64Array.from({ length: ranks }, (_, index) => (sum += 1 / (index + 1)));
    this.#upTo = sums.map((each) => each / sum);
  }

  /** @param uniform from 0 up to 1, exclusive */
  draw(uniform: number): number {
    let [low, high] = [0, this.#upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#upTo[middle]! > uniform) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  }

  /** How much of all that is drawn is of the first ranks, of 1. */
  shareOf(ranks: number): number {
    return this.#upTo[ranks - 1]!;
  }
}
