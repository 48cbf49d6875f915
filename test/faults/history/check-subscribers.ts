import type { Event } from "./history.ts";
import { ABSENT, DELETED, type Item, isChat, numberOf, parentOf } from "./resource.ts";
import type { Scene } from "./scene.ts";
import type { Violation } from "./violation.ts";

/** Each subscriber saw every change of what is there exactly once, in queue order, and ends with what is there. */
export function checkSubscribers(scene: Scene): Violation[] {
  return scene.subscribers.flatMap((events) => {
    const seen = Map.groupBy(events, ({ name }) => name);
    return [
      ...findRepeats(seen),
      ...findDisorder(events),
      ...findMissed(scene, seen),
      ...findUntold(scene, seen),
      ...findUnstored(scene, seen),
    ];
  });
}

/** Changes seen twice. */
function findRepeats(seen: ReadonlyMap<string, readonly Event[]>): Violation[] {
  return [...seen].flatMap(([name, events]) => {
    const creations = events.filter(({ kind }) => kind === "created").length;
    const marks = new Set(events.map(({ mark }) => mark)).size;
    if (creations <= 1 && marks === events.length) return [];
    return [
      { kind: "duplicated", text: `a subscriber saw ${name} changed at the marks ${events.map(({ mark }) => mark)}` },
    ];
  });
}

/** Within a chat: marks of creations rise, so do those of the other changes, and a creation comes before the others. */
function findDisorder(events: readonly Event[]): Violation[] {
  const last = new Map<string, number>();
  const created = new Set<string>();
  return events.flatMap(({ name, kind, mark }): Violation[] => {
    const line = `${isChat(name) ? name : parentOf(name)} ${kind === "created"}`;
    const before = last.get(line) ?? 0;
    last.set(line, Math.max(mark, before));
    if (kind === "created") created.add(name);
    if (mark < before) return [{ kind: "reordered", text: `a subscriber saw ${name} at mark ${mark} after ${before}` }];
    if (created.has(name)) return [];
    return [{ kind: "reordered", text: `a subscriber saw ${name} changed at mark ${mark} before it was created` }];
  });
}

function findMissed({ stored }: Scene, seen: ReadonlyMap<string, readonly Event[]>): Violation[] {
  return stored.shown.flatMap((item): Violation[] => {
    const last = seen.get(item.name)?.at(-1);
    if (last && isSame(last, item)) return [];
    const what = last ? `${last.origin} with ${last.state}` : "nothing";
    return [
      { kind: "lost", text: `${item.name} is ${item.origin} with ${item.state}, but a subscriber last saw ${what}` },
    ];
  });
}

/** Answered edits and deletions that a subscriber did not see. */
function findUntold({ operations, shownByName }: Scene, seen: ReadonlyMap<string, readonly Event[]>): Violation[] {
  return operations.flatMap((operation): Violation[] => {
    if ((operation.kind !== "edit" && operation.kind !== "delete") || operation.outcome !== "ok") return [];
    const { name } = operation;
    const state = operation.kind === "edit" ? operation.state : DELETED;
    if (!shownByName.has(name) || seen.get(name)?.some((event) => event.state === state)) return [];
    return [{ kind: "lost", text: `${name} was answered to become ${state}, which a subscriber did not see` }];
  });
}

/** A tombstone keeps its origin, a chat's title is all that it has. */
function isSame(event: Item, item: Item): boolean {
  return event.state === item.state && event.origin === item.origin;
}

/** What subscribers saw and is not there, though what it was in is. */
function findUnstored(scene: Scene, seen: ReadonlyMap<string, readonly Event[]>): Violation[] {
  return [...seen].flatMap(([name, events]): Violation[] => {
    const { state, origin } = events.at(-1)!;
    if (state === ABSENT || scene.shownByName.has(name)) return [];
    if (!scene.exists(parentOf(name)) || scene.deadLetters.has(origin)) return [];
    return [
      { kind: "lost", text: `a subscriber saw ${name} with ${state}, but it is not there (number ${numberOf(name)})` },
    ];
  });
}
