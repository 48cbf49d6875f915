/** Does one piece of work at a time, in the order of asking. What was given up before its turn is not done. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the work does; rejects with the signal's reason where that aborted before the work began. */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.#last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
