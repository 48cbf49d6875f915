import fc from "fast-check";
import { expect, test } from "vitest";
import { joinAttempts } from "./attempts.ts";
import { checkHistory } from "./check-history.ts";
import type { Event, History } from "./history.ts";
import type { Operation } from "./operation.ts";
import { ABSENT, DELETED, type Item, numberOf } from "./resource.ts";
import { STEPS, simulate } from "./simulation.ts";
import { item, storedOf } from "./tale.ts";

const OPTIONS = { requestTtlMs: Number.POSITIVE_INFINITY };
const PICK = fc.nat(1_000);

test("a history of calls that each have their effect at one moment passes", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      expect(checkHistory(simulate(steps), OPTIONS)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** One of a list, or nothing where it is empty. */
function pickFrom<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % Math.max(1, list.length)];
}

function withShown(history: History, shown: readonly Item[]): History {
  return { ...history, stored: storedOf(shown) };
}

function withEvents(history: History, events: readonly Event[]): History {
  return { ...history, subscribers: [events] };
}

function withOperation(history: History, before: Operation, after: Operation): History {
  return { ...history, operations: history.operations.map((each) => (each === before ? after : each)) };
}

/** Ways to break a history; undefined where there is nothing to break. */
const BREAKS: Record<string, (history: History, pick: number) => History | undefined> = {
  "an answered message is not there": (history, pick) => {
    const { shown } = history.stored;
    const answered = joinAttempts(history.operations).flatMap(({ numbers }) => numbers);
    const lost = pickFrom(answered, pick);
    return lost === undefined
      ? undefined
      : withShown(
          history,
          shown.filter(({ name }) => numberOf(name) !== lost),
        );
  },
  "a message is there again": (history, pick) => {
    const { shown } = history.stored;
    const twin = pickFrom(shown, pick);
    return twin && withShown(history, [...shown, item(shown.length + 1, twin.origin)]);
  },
  "an answered edit is undone": (history, pick) => {
    const { shown } = history.stored;
    const edits = history.operations.filter(({ kind, outcome }) => kind === "edit" && outcome === "ok");
    const edited = pickFrom(edits, pick);
    if (edited?.kind !== "edit") return undefined;
    const undone = shown.map((each) => (each.name === edited.name ? { ...each, state: each.origin } : each));
    return withShown(history, undone);
  },
  "a tombstone lives": (history, pick) => {
    const { shown } = history.stored;
    const deletions = history.operations.filter(({ kind, outcome }) => kind === "delete" && outcome === "ok");
    const deleted = pickFrom(deletions, pick);
    if (deleted?.kind !== "delete") return undefined;
    const living = shown.map((each) => (each.name === deleted.name ? { ...each, state: each.origin } : each));
    return withShown(history, living);
  },
  "an event is missing": (history, pick) => {
    const events = history.subscribers[0]!;
    const missing = pickFrom(
      events.filter(({ kind }) => kind === "created"),
      pick,
    );
    return (
      missing &&
      withEvents(
        history,
        events.filter((event) => event !== missing),
      )
    );
  },
  "an event comes twice": (history, pick) => {
    const events = history.subscribers[0]!;
    const twice = pickFrom(events, pick);
    return (
      twice &&
      withEvents(
        history,
        events.flatMap((event) => (event === twice ? [event, event] : [event])),
      )
    );
  },
  "a read after the answer finds nothing": (history, pick) => {
    const answers = new Map(
      joinAttempts(history.operations).flatMap(({ numbers, answered }) => numbers.map((number) => [number, answered])),
    );
    const reads = history.operations.filter(
      (each) => each.kind === "get" && each.start > (answers.get(numberOf(each.name)) ?? Number.POSITIVE_INFINITY),
    );
    const read = pickFrom(reads, pick);
    return read?.kind === "get" ? withOperation(history, read, { ...read, state: ABSENT }) : undefined;
  },
  "a read shows the deleted text": (history, pick) => {
    const reads = history.operations.filter((each) => each.kind === "get" && each.state === DELETED);
    const read = pickFrom(reads, pick);
    if (read?.kind !== "get") return undefined;
    const deletions = history.operations.filter((each) => each.kind === "delete" && each.name === read.name);
    if (!deletions.some(({ outcome, end }) => outcome === "ok" && end < read.start)) return undefined;
    const { origin } = history.stored.shown.find(({ name }) => name === read.name)!;
    return withOperation(history, read, { ...read, state: origin });
  },
};

test.each(Object.entries(BREAKS))("it does not pass where %s", (_, spoil) => {
  let broken = 0;
  fc.assert(
    fc.property(STEPS, PICK, (steps, pick) => {
      const spoiled = spoil(simulate(steps), pick);
      if (!spoiled) return;
      broken += 1;
      expect(checkHistory(spoiled, OPTIONS)).not.toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(broken).toBeGreaterThan(10);
});
