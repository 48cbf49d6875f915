import type { FactName, FactOf } from "./fact-name.ts";
import type { FactChange, FactChanges } from "./facts.ts";
import type { RecordedChange } from "./recorded-changes.ts";

/** What a shared cache answers to a look-up. */
export type SharedLookUp<Name extends FactName> = {
  /**
   * What is held, in a box, as what does not exist may be held, too; and how long ago it began to be looked up, in
   * milliseconds. Undefined where nothing is.
   */
  held: { value: FactOf<Name>; ageMs: number } | undefined;
  /** Goes back with what the look-up led to, so that a change in between is noticed; undefined where nothing can be kept. */
  stamp: string | undefined;
};

/** Is told what other processes changed. */
export type FactListener = {
  forget(changes: readonly FactChange[]): void;
  /** Changes may have been missed. */
  clear(): void;
};

/** A cache of facts that processes share, and the way in which they tell each other of changes. */
export interface SharedFacts extends FactChanges {
  /** Never rejects: a cache that is away holds nothing. */
  find<Name extends FactName>(name: Name): Promise<SharedLookUp<Name>>;

  /** Keeps what was looked up, unless it changed since `stamp`. Never rejects. */
  keep<Name extends FactName>(name: Name, value: FactOf<Name>, stamp: string): Promise<void>;

  /**
   * Forgets what was written down as changed, and tells other processes, of each change once for all: one that cannot read
   * what was written down hears of it. Resolves when nobody will take it from the shared cache. Never rejects.
   */
  empty(changes: readonly RecordedChange[]): Promise<void>;

  /** Whether every change that was told until a second before `now`, by performance.now(), has come in. */
  isCurrent(now: number): boolean;

  /** From now on the listener is told of changes. */
  listen(listener: FactListener): void;
}
