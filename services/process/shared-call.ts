/**
 * Many ask, few calls are made: who asks while a call is under way gets the result of the next one, together with all
 * others who do. So a result is never older than the question.
 */
export class SharedCall<T> {
  readonly #call: () => Promise<T>;
  #current: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(call: () => Promise<T>) {
    this.#call = call;
  }

  /** The result of a call that begins now or later. */
  ask(): Promise<T> {
    if (!this.#current) return this.#begin();
    this.#next ??= this.#current.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<T> {
    this.#next = undefined;
    const current = this.#call().finally(() => {
      if (this.#current === current) this.#current = undefined;
    });
    this.#current = current;
    return current;
  }
}
