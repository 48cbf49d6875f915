/** Grants the writer to one session at a time, in the order of asking. */
export class WriteLock {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves with the function that gives the lock back. */
  acquire(): Promise<() => void> {
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const granted = this.#tail.then(() => release);
    this.#tail = this.#tail.then(() => held);
    return granted;
  }
}
