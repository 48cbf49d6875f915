import { abortableDelay } from "../../../services/process/abortable-delay.ts";
import type { SeededRandom } from "../../seeded-random.ts";
import type { Services } from "../../tenant.ts";
import type { Operation } from "../history/operation.ts";
import { parentOf, type State } from "../history/resource.ts";
import { edit, get, list, remove } from "./calls.ts";
import type { Connection } from "./connections.ts";
import { COMMON_WORD, type Creates } from "./creates.ts";
import type { Recorder } from "./recorder.ts";
import type { Targets } from "./targets.ts";

/** What callers do. */
const ACTIONS = ["create", "retry", "edit", "delete", "get", "list", "createChat", "deleteChat"] as const;
type Action = (typeof ACTIONS)[number];

/** How often callers do what, against each other. */
export type Mix = Record<Action, number>;

/** A little of everything, in chats that stay. */
export const DEFAULT_MIX: Mix = {
  create: 10,
  retry: 4,
  edit: 3,
  delete: 1,
  get: 3,
  list: 2,
  createChat: 0,
  deleteChat: 0,
};

export type LoadOptions = {
  connections: readonly Connection[];
  recorder: Recorder;
  targets: Targets;
  creates: Creates;
  random: SeededRandom;
  mix: Mix;
  /** How long a caller rests between two calls, on average. */
  restMs: number;
  /** How often every create is sent, under a request_id; with 1 only some callers send theirs more than once. */
  attempts: number;
  /** How many of ten creates have a request_id. */
  requestIdsOfTen: number;
};

/** Every so many callers one sends each of its creates several times. */
const REPEATER_EVERY = 8;
const REPEATS = 3;
const BATCHES = [1, 1, 1, 1, 1, 4];
/** How long a caller rests who got no answer. */
const REST_AFTER_FAILURE_MS = 100;

/** The rest of what a load is by default. */
export const DEFAULT_LOAD = { restMs: 12, attempts: 1, requestIdsOfTen: 5 };

/** Callers that call, each on a connection, until they are stopped. */
export class Load {
  readonly #options: LoadOptions;
  readonly #actions: readonly Action[];
  #stop = new AbortController();
  #callers: Promise<unknown> = Promise.resolve();
  #edits = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#actions = ACTIONS.flatMap((action) => Array.from({ length: options.mix[action] }, () => action));
  }

  /** Begins, also again after `stop`. */
  start(): void {
    this.#stop = new AbortController();
    this.#callers = Promise.all(this.#options.connections.map((connection) => this.#call(connection)));
  }

  /** Resolves when all calls have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#callers;
  }

  async #call(connection: Connection): Promise<void> {
    const { random, restMs } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const operation = await this.#act(connection, random.pick(this.#actions));
      const rest = operation?.outcome === "unknown" ? REST_AFTER_FAILURE_MS : random.below(2 * restMs + 1);
      await abortableDelay(rest, signal);
    }
  }

  /** Resolves with the last call that it took; undefined where there was nothing to do. */
  async #act(connection: Connection, action: Action): Promise<Operation | undefined> {
    const { recorder, random, targets, creates } = this.#options;
    const wanted = action === "retry" ? creates.anyOpen() : undefined;
    if (wanted) return creates.attempt(connection, wanted);
    const chat = random.pick(targets.chats);
    if (chat === undefined || action === "retry") return undefined;
    if (action === "create") return this.#create(connection, chat, random.pick(BATCHES)!);
    if (action === "createChat") return this.#create(connection, parentOf(chat), 1);
    const services = connection.services(targets.keyFor(chat));
    if (action === "list") return list(recorder, services, chat);
    if (action === "deleteChat") targets.dropChat(chat);
    const name = action === "deleteChat" ? chat : random.pick(targets.messages(chat));
    return name === undefined ? undefined : this.#touch(services, action, name);
  }

  async #create(connection: Connection, parent: string, count: number): Promise<Operation> {
    const { creates, random, requestIdsOfTen, connections } = this.#options;
    const attempts = this.#attemptsOf(connection);
    const hasId = attempts > 1 || random.below(10) < requestIdsOfTen;
    const wanted = creates.want(parent, count, hasId ? crypto.randomUUID() : "");
    let create = await creates.attempt(connection, wanted);
    for (let attempt = 1; attempt < attempts; attempt++) {
      create = await creates.attempt(random.pick(connections), wanted);
    }
    return create;
  }

  /** How often a caller sends a create: once where there are no request_ids. */
  #attemptsOf(connection: Connection): number {
    const { attempts, requestIdsOfTen, connections } = this.#options;
    const repeats = requestIdsOfTen > 0 && connections.indexOf(connection) % REPEATER_EVERY === 0;
    return repeats ? Math.max(REPEATS, attempts) : attempts;
  }

  #touch(services: Services, action: "edit" | "delete" | "deleteChat" | "get", name: string): Promise<Operation> {
    const { recorder, random } = this.#options;
    if (action === "get") return get(recorder, services, name);
    if (action !== "edit") return remove(recorder, services, name);
    const state = `${COMMON_WORD} edit ${++this.#edits}`;
    return random.below(2) === 0 ? edit(recorder, services, name, state) : this.#readAndEdit(services, name, state);
  }

  async #readAndEdit(services: Services, name: string, state: State): Promise<Operation> {
    const read = await get(this.#options.recorder, services, name);
    return read.etag === undefined ? read : edit(this.#options.recorder, services, name, state, read.etag);
  }
}
