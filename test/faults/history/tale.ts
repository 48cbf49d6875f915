import type { Event, History, Stored } from "./history.ts";
import type { Create, Deletion, Edit, Get, List, Operation, Outcome } from "./operation.ts";
import { childOf, DELETED, type Item, isChat, originOf, parentOf, type State } from "./resource.ts";

/** The application and the chat of made-up histories. */
export const APPLICATION = "applications/a";
export const CHAT = `${APPLICATION}/chats/1`;

/** When a made-up call began and ended. */
type Times = [start: number, end: number];
type Extras = { outcome?: Outcome; code?: string; saw?: State };

const call = ([start, end]: Times, { outcome = "ok", ...rest }: Extras) => ({ start, end, outcome, ...rest });

/** An attempt to create messages, whose bodies are their origins; answered where it has numbers. */
export function attempt(
  create: string,
  times: Times,
  numbers: readonly number[],
  extras: Extras & { count?: number; requestId?: string; parent?: string } = {},
): Create {
  const { count = Math.max(1, numbers.length), requestId = "", parent = CHAT, ...rest } = extras;
  const states = Array.from({ length: count }, (_, index) => originOf(create, index));
  const outcome = numbers.length > 0 ? "ok" : "unknown";
  return { kind: "create", create, parent, states, requestId, numbers, ...call(times, { outcome, ...rest }) };
}

/** The name of a message of the chat. */
export function message(number: number): string {
  return childOf(CHAT, number);
}

export function edit(number: number, state: State, times: Times, extras: Extras & { etag?: string } = {}): Edit {
  return { kind: "edit", name: message(number), state, ...call(times, extras) };
}

export function deletion(name: string, times: Times, extras: Extras = {}): Deletion {
  return { kind: "delete", name, ...call(times, extras) };
}

export function get(number: number, state: State, times: Times): Get {
  return { kind: "get", name: message(number), state, ...call(times, {}) };
}

export function list(from: number, found: readonly Item[], times: Times): List {
  return { kind: "list", parent: CHAT, from, found, ...call(times, {}) };
}

/** A message of the chat that says its origin, or something else. */
export function item(number: number, origin: string, state: State = origin): Item {
  return { name: message(number), origin, state };
}

/** What is stored where only this is there: database, index and counts agree. */
export function storedOf(shown: readonly Item[], parents: readonly string[] = [CHAT]): Stored {
  const counts = parents.map((name) => ({ name, count: shown.filter((each) => parentOf(each.name) === name).length }));
  const indexed = shown.filter(({ name, state }) => !isChat(name) && state !== DELETED);
  return { shown, rows: shown, indexed, counts, deadLetters: [] };
}

/** What a subscriber saw who saw these created, and then changed to what they are. */
export function eventsOf(shown: readonly Item[]): Event[] {
  const created = shown.map((each, index): Event => ({ ...each, state: each.origin, kind: "created", mark: index }));
  const changed = shown.filter(({ state, origin }) => state !== origin);
  return [
    ...created,
    ...changed.map((each, index): Event => ({ ...each, kind: "changed", mark: shown.length + index })),
  ];
}

/** A history of these calls that ends with these messages in agreement with everything; parts of it can be replaced. */
export function tell(
  operations: readonly Operation[],
  shown: readonly Item[],
  parts: Partial<Stored & History> = {},
): History {
  const { subscribers = [eventsOf(shown)], epochs = [], ...replaced } = parts;
  return { operations, subscribers, epochs, stored: { ...storedOf(shown), ...replaced } };
}
