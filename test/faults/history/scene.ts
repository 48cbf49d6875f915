import { type Attempted, joinAttempts } from "./attempts.ts";
import type { Event, History, Stored } from "./history.ts";
import type { Operation } from "./operation.ts";
import { Removals } from "./removals.ts";
import type { Item } from "./resource.ts";

/** A history with what every check looks up in it. */
export type Scene = {
  operations: readonly Operation[];
  subscribers: readonly (readonly Event[])[];
  epochs: readonly number[];
  stored: Stored;
  creates: readonly Attempted[];
  removals: Removals;
  shownByName: ReadonlyMap<string, Item>;
  shownByOrigin: ReadonlyMap<string, readonly Item[]>;
  /** Where reads saw what creates made, by origin; what is there at the end before all. */
  places: ReadonlyMap<string, string>;
  deadLetters: ReadonlySet<string>;
  /** Whether a chat or application exists at the end. */
  exists(name: string): boolean;
};

export function createScene({ operations, subscribers, epochs, stored }: History): Scene {
  const existing = new Set(stored.counts.map(({ name }) => name));
  return {
    ...{ operations, subscribers, epochs, stored },
    creates: joinAttempts(operations),
    removals: new Removals(operations),
    shownByName: new Map(stored.shown.map((item) => [item.name, item])),
    shownByOrigin: Map.groupBy(stored.shown, ({ origin }) => origin),
    places: placesOf(operations, stored.shown),
    deadLetters: new Set(stored.deadLetters),
    exists: (name) => existing.has(name),
  };
}

function placesOf(operations: readonly Operation[], shown: readonly Item[]): Map<string, string> {
  const listed = operations.flatMap((operation) => (operation.kind === "list" ? operation.found : []));
  return new Map([...listed, ...shown].map(({ origin, name }) => [origin, name]));
}
