import type { CounterName, Readiness } from "./numbering.ts";

/** How often a name was closed and not reopened, and the promise of those who wait. */
type Closing = { times: number; judged: PromiseWithResolvers<Readiness> };

/** The key of a counter; that of a chat begins with its application's and a slash. */
export function counterKey({ application, chat }: CounterName): string {
  return chat === undefined ? application : `${application}/${chat}`;
}

/** The deletions under way. While one is, its chat, or its application with all chats in it, gives no numbers. */
export class Closings {
  readonly #closing = new Map<string, Closing>();

  /** A deletion begins. */
  open(counter: CounterName): void {
    const key = counterKey(counter);
    const closing = this.#closing.get(key) ?? { times: 0, judged: Promise.withResolvers<Readiness>() };
    closing.times++;
    this.#closing.set(key, closing);
  }

  /** A deletion was refused or never stored; where it was the last, those who wait are told. */
  takeBack(counter: CounterName): void {
    const closing = this.#closing.get(counterKey(counter));
    if (closing && --closing.times === 0) this.end(counter);
  }

  /** What was to be deleted is; those who wait are told. */
  end(counter: CounterName): void {
    const key = counterKey(counter);
    this.#closing.get(key)?.judged.resolve("again");
    this.#closing.delete(key);
  }

  /** Resolves when the deletion that a counter waits for is judged; undefined where it waits for none. */
  judged({ application, chat }: CounterName): Promise<Readiness> | undefined {
    const above = this.#closing.get(application);
    const own = chat === undefined ? undefined : this.#closing.get(counterKey({ application, chat }));
    return (above ?? own)?.judged.promise;
  }
}
