import { counterKey } from "./counter-key.ts";
import type { CounterName, Readiness } from "./numbering.ts";

/** The deletions of a name that are under way, and the promise of those who wait for all of them. */
type Waiting = { ids: Set<string>; judged: PromiseWithResolvers<Readiness> };

/** The deletions under way. While one is, its chat, or its application with all chats in it, gives no numbers. */
export class Closings {
  readonly #closing = new Map<string, Waiting>();
  /** Keys by the ids of deletions. */
  readonly #keys = new Map<string, string>();

  /** A deletion begins. */
  open(counter: CounterName, id: string): void {
    const key = counterKey(counter);
    const closing = this.#closing.get(key) ?? { ids: new Set(), judged: Promise.withResolvers<Readiness>() };
    closing.ids.add(id);
    this.#closing.set(key, closing);
    this.#keys.set(id, key);
  }

  /** A deletion is judged or was never stored; where it was the last of its name, those who wait are told. */
  end(id: string): void {
    const key = this.#keys.get(id);
    if (key === undefined) return;
    this.#keys.delete(id);
    const closing = this.#closing.get(key)!;
    closing.ids.delete(id);
    if (closing.ids.size > 0) return;
    this.#closing.delete(key);
    closing.judged.resolve("again");
  }

  /** Resolves when the deletions that a counter waits for are judged; undefined where it waits for none. */
  judged({ application, chat }: CounterName): Promise<Readiness> | undefined {
    const above = this.#closing.get(application);
    const own = chat === undefined ? undefined : this.#closing.get(counterKey({ application, chat }));
    return (above ?? own)?.judged.promise;
  }
}
