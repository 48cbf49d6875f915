import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { RecentChange, RecentMessages } from "../../../services/message/recent-messages.ts";
import { newMessage } from "../writes.ts";
import { recentBatch } from "./recent-batch.ts";

/** A record of the queue: messages of the chat, an edit of one, or a change that a message of the system tells of. */
type StoredRecord = { sequence: number } & (
  | { numbers: number[] }
  | { edited: number; body: string }
  | { told: number }
);

export type RecentsStep =
  | { kind: "number"; count: number }
  | { kind: "store"; group: number }
  | { kind: "add"; group: number; again: boolean }
  | { kind: "edit"; message: number }
  | { kind: "tell"; group: number }
  | { kind: "persist"; records: number; refuses: boolean }
  | { kind: "crowd" };

/** What RecentsModel needs of recent messages. */
export type ModelledRecents = {
  recents: RecentMessages;
  epoch: number;
  chat: ChatName;
  /** Gives the chat's numbers up to one. */
  number(last: number): Promise<void>;
  /** Fills the room there is with messages of other chats. */
  crowd(sequence: number): Promise<void>;
};

const ALL = { after: 0, before: 2 ** 31, newestFirst: false, limit: 10_000 };

/** What callers were told of a chat's messages, and what readers find of it. The writer is behind. */
export class RecentsModel {
  readonly #given: ModelledRecents;
  readonly #numbered: number[][] = [];
  readonly #stored: (StoredRecord & { numbers: number[] })[] = [];
  readonly #queue: StoredRecord[] = [];
  /** By number: the record that brought it, its text as the last caller was told, and its text in the database. */
  readonly #told = new Map<number, { sequence: number; body: string }>();
  readonly #persisted = new Map<number, string>();
  #position = 0;
  #sequence = 1;
  #last = 0;

  constructor(given: ModelledRecents) {
    this.#given = given;
  }

  async take(step: RecentsStep): Promise<void> {
    if (step.kind === "number") await this.#number(step.count);
    else if (step.kind === "store") this.#store(step.group);
    else if (step.kind === "add") await this.#add(step.group, step.again);
    else if (step.kind === "edit") this.#edit(step.message);
    else if (step.kind === "tell") this.#queueTold(step.group);
    else if (step.kind === "crowd") await this.#given.crowd(++this.#sequence);
    else for (let left = step.records; left > 0; left--) await this.#persist(step.refuses && left === 1);
  }

  /** What a reader would find that is older than what a caller was told, without waiting for the writer. */
  async staleReads(): Promise<string[]> {
    const part = await this.#given.recents.read(this.#given.chat, ALL);
    if (!part) return [];
    const held = new Map(part.messages.map(({ number, message }) => [number, message.content.value as string]));
    return [...this.#told].flatMap(([number, { sequence, body }]) => {
      const isWaitedFor = part.sequence >= sequence || this.#position >= sequence;
      if (number < part.from) return isWaitedFor ? [] : [`${number} is not waited for`];
      // The database wins where the part is not whole.
      const found = part.whole ? held.get(number) : (this.#persisted.get(number) ?? held.get(number));
      return found === body ? [] : [`${number} is ${found}, and not ${body}`];
    });
  }

  async #number(count: number): Promise<void> {
    this.#numbered.push(Array.from({ length: count }, () => ++this.#last));
    await this.#given.number(this.#last);
  }

  #store(group: number): void {
    const [numbers] = this.#numbered.splice(group % (this.#numbered.length || 1), 1);
    if (!numbers) return;
    const record = { sequence: ++this.#sequence, numbers };
    this.#stored.push(record);
    this.#queue.push(record);
  }

  /** The first of a group's numbers goes to a message of the system; the others stay unused. */
  #queueTold(group: number): void {
    const [numbers] = this.#numbered.splice(group % (this.#numbered.length || 1), 1);
    if (numbers) this.#queue.push({ sequence: ++this.#sequence, told: numbers[0]! });
  }

  async #add(group: number, again: boolean): Promise<void> {
    const index = group % (this.#stored.length || 1);
    const [record] = again ? this.#stored.slice(index, index + 1) : this.#stored.splice(index, 1);
    if (!record) return;
    const { recents, chat, epoch } = this.#given;
    const messages = record.numbers.map((number) => newMessage(chat, number));
    const shown = await recents.add([recentBatch(chat, messages, again)], record.sequence, epoch);
    if (shown || record.sequence <= this.#position) this.#tell(record);
  }

  #tell({ sequence, numbers }: StoredRecord & { numbers: number[] }): void {
    for (const number of numbers) {
      const body = this.#persisted.get(number) ?? `message ${number}`;
      if (!this.#told.has(number)) this.#told.set(number, { sequence, body });
    }
  }

  #edit(message: number): void {
    const edited = 1 + (message % (this.#last || 1));
    this.#queue.push({ sequence: ++this.#sequence, edited, body: `edited by ${this.#sequence}` });
  }

  async #persist(refuses: boolean): Promise<void> {
    const record = this.#queue.shift();
    if (!record) return;
    const { recents, chat } = this.#given;
    const { sequence } = record;
    if ("told" in record) {
      const { told } = record;
      const message = newMessage(chat, told);
      this.#persisted.set(told, `message ${told}`);
      await recents.change([{ kind: "added", sequence, name: { ...chat, message: told }, message }]);
      this.#told.set(told, { sequence, body: `message ${told}` });
    } else if ("edited" in record) {
      const { edited, body } = record;
      if (this.#persisted.has(edited)) {
        this.#persisted.set(edited, body);
        const message = newMessage(chat, edited, { body, revision: sequence });
        const change: RecentChange = { kind: "changed", sequence, name: { ...chat, message: edited }, message };
        await recents.change([change]);
        if (this.#told.has(edited)) this.#told.set(edited, { sequence, body });
      }
    } else if (refuses) {
      await recents.change([{ kind: "stale", sequence, chat }]);
      for (const number of record.numbers) this.#told.delete(number);
      this.#stored.splice(0, this.#stored.length, ...this.#stored.filter((other) => other !== record));
    } else {
      for (const number of record.numbers) this.#persisted.set(number, `message ${number}`);
    }
    this.#position = sequence;
  }
}
