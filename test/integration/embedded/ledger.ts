import { expect } from "vitest";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import { bodyOf } from "../../message-text.ts";

/** A create of one or more messages, each of which carries the create's id in its metadata. */
export type Create = { id: string; chat: string; bodies: string[]; requestId: string };

/** A message whose create was answered. `states` are the bodies that it may have; undefined is a tombstone. */
type Entry = { create: Create; states: (string | undefined)[] };

/** The metadata under which a message keeps the id of its create. */
export const CREATE_KEY = "create";

/** What callers were told, and what they may not know because the answer was lost: held against what is stored. */
export class Ledger {
  /** By name. */
  readonly #entries = new Map<string, Entry>();
  /** Creates whose answer was lost, by id. */
  readonly #lost = new Map<string, Create>();

  /** How many messages it knows. */
  get size(): number {
    return this.#entries.size;
  }

  /** A create was answered. A name that is known must be the same create's. */
  created(create: Create, messages: readonly Message[]): void {
    expect(messages.map(({ metadata }) => metadata[CREATE_KEY])).toEqual(create.bodies.map(() => create.id));
    for (const [index, { name, number }] of messages.entries()) {
      expect(number).toBe(messages[0]!.number + index);
      expect(this.#entries.get(name)?.create.id ?? create.id, `${name} was given before`).toBe(create.id);
      if (!this.#entries.has(name)) this.#entries.set(name, { create, states: [create.bodies[index]] });
    }
    this.#lost.delete(create.id);
  }

  createLost(create: Create): void {
    this.#lost.set(create.id, create);
  }

  /** A change was sent: until it is answered the message may be in either state. */
  changing(name: string, state: string | undefined): void {
    this.#entries.get(name)!.states.push(state);
  }

  changed(name: string, state: string | undefined): void {
    this.#entries.get(name)!.states = [state];
  }

  /** Creates that must be sent again: their answers were lost, and they have a request_id. */
  retries(): Create[] {
    return [...this.#lost.values()].filter(({ requestId }) => requestId !== "");
  }

  /** The names of messages that are in one known state and not deleted. */
  live(): string[] {
    return [...this.#entries].flatMap(([name, { states }]) =>
      states.length === 1 && states[0] !== undefined ? [name] : [],
    );
  }

  /** Creates that were answered and carried a request_id, with the names that they were told. */
  repeatable(): { create: Create; names: string[] }[] {
    const byId = new Map<string, { create: Create; names: string[] }>();
    for (const [name, { create }] of this.#entries) {
      if (create.requestId === "") continue;
      const known = byId.get(create.id) ?? { create, names: [] };
      known.names.push(name);
      byId.set(create.id, known);
    }
    return [...byId.values()];
  }

  /** Holds all messages of a chat, oldest first, against what is known, and settles what was not known. */
  check(chat: string, stored: readonly Message[]): void {
    expect(stored.map(({ number }) => number)).toEqual(stored.map((_, index) => index + 1));
    const names = new Set(stored.map(({ name }) => name));
    for (const [name, { create }] of this.#entries) {
      if (create.chat === chat) expect(names.has(name), `${name} was answered`).toBe(true);
    }
    const found = new Map<string, Message[]>();
    for (const message of stored) {
      const entry = this.#entries.get(message.name);
      if (entry) this.#settle(message, entry);
      else found.set(message.metadata[CREATE_KEY]!, [...(found.get(message.metadata[CREATE_KEY]!) ?? []), message]);
    }
    for (const [id, messages] of found) this.#admit(id, messages);
  }

  #settle(message: Message, entry: Entry): void {
    const state = bodyOf(message);
    expect(entry.states, `${message.name} as it was told`).toContain(state);
    if (state !== undefined) expect(message.metadata[CREATE_KEY]).toBe(entry.create.id);
    entry.states = [state];
  }

  /** Messages that nobody was told of: of one create whose answer was lost, all of them, once. */
  #admit(id: string, messages: readonly Message[]): void {
    const create = this.#lost.get(id);
    expect(create, `messages of the create ${id}, which is stored twice or was never sent`).toBeDefined();
    expect(messages.map(bodyOf)).toEqual(create!.bodies);
    if (create!.requestId === "") this.created(create!, messages);
  }
}
