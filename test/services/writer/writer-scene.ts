import { fromBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { type Applied, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import { type ChatName, formatChatName, formatMessageName } from "../../../services/aip/resource-name.ts";
import type { FactChange } from "../../../services/facts/facts.ts";
import { MemoryRecentMessages } from "../../../services/message/memory-recent-messages.ts";
import type { CounterName } from "../../../services/numbering/numbering.ts";
import type { DeadLetter, WriteQueue } from "../../../services/write-queue/write-queue.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { Writer, type WriterOptions } from "../../../services/writer/writer.ts";
import { WriterPosition } from "../../../services/writer/writer-position.ts";
import { createApplication, openStores, type Stores } from "../stores.ts";
import { appendRecord, chatWrite, verdictsAfter } from "../writes.ts";

const DAY_MS = 86_400_000;

/** Stores with a writer, which applies what the test queues. */
export class WriterScene {
  readonly stores: Stores;
  readonly recents = new MemoryRecentMessages(10_000_000);
  /** Writes that were set aside. */
  readonly letters: { mark: number; reason: string; write: Write }[] = [];
  /** What the writer said of the records that are persisted. */
  readonly persisted: number[] = [];
  /** Counters of which the writer said that what they belong to is deleted. */
  readonly removed: CounterName[] = [];
  /** Deletions of which the writer said that they are judged. */
  readonly reopened: string[] = [];
  /** Facts of which the writer said that they changed. */
  readonly forgotten: FactChange[] = [];
  horizon = new Horizon(0);

  private constructor(stores: Stores) {
    this.stores = stores;
  }

  static async open(maxBytes?: number): Promise<WriterScene> {
    return new WriterScene(await openStores(maxBytes));
  }

  close(): Promise<void> {
    return this.stores.close();
  }

  /** A writer as after a start: it knows only what is stored. */
  async createWriter(overrides: Partial<WriterOptions> = {}): Promise<Writer> {
    const { database } = this.stores;
    const position = new WriterPosition(database);
    this.horizon = new Horizon(await position.load());
    return new Writer({
      database,
      position,
      horizon: this.horizon,
      recents: this.recents,
      queue: this.#watch(this.stores.queue),
      requestTtlMs: DAY_MS,
      now: () => 5_000,
      log: pino({ level: "silent" }),
      onDeadLetter: () => undefined,
      facts: { forget: async (changes) => void this.forgotten.push(...changes) },
      numbering: {
        persisted: (sequence) => this.persisted.push(sequence),
        remove: async (counter) => void this.removed.push(counter),
        reopen: async (ids) => void this.reopened.push(...ids),
      },
      ...overrides,
    });
  }

  /** A new application. */
  createApplication(): Promise<string> {
    return createApplication(this.stores.database);
  }

  /** A new chat, stored. */
  async createChat(): Promise<ChatName> {
    const name = { application: await this.createApplication(), chat: 1 };
    await this.apply(chatWrite(name));
    return name;
  }

  /** Queues writes as one record, lets a writer take them, and gives the verdicts. */
  async apply(...writes: Write[]): Promise<Applied[]> {
    return this.applyAll([writes]);
  }

  /** Queues records, lets a writer take them at once, and gives the verdicts. */
  async applyAll(records: Write[][]): Promise<Applied[]> {
    const before = await this.stores.queue.end();
    for (const writes of records) await appendRecord(this.stores.queue, ...writes);
    await (await this.createWriter()).drain();
    return verdictsAfter(this.stores.queue, before);
  }

  findChat({ application, chat }: ChatName) {
    return this.stores.database.chats.findOne({ where: { application, number: chat }, raw: true });
  }

  findMessage({ application, chat }: ChatName, number: number) {
    return this.stores.database.messages.findOne({ where: { application, chat, number }, raw: true });
  }

  /** The numbers of a chat's messages in the database. */
  async numbers({ application, chat }: ChatName): Promise<number[]> {
    const rows = await this.stores.database.messages.findAll({
      where: { application, chat },
      order: ["number"],
      raw: true,
    });
    return rows.map(({ number }) => number);
  }

  /** The messages of a chat that are held in memory; undefined where none are. */
  async recent(chat: ChatName): Promise<readonly Message[] | undefined> {
    const part = await this.recents.read(chat, { after: 0, before: 2 ** 31, newestFirst: false, limit: 1_000 });
    return part?.messages.map(({ message }) => message);
  }

  #watch(queue: WriteQueue): WriteQueue {
    const watched = Object.create(queue) as WriteQueue;
    for (const name of ["append", "read", "end", "persisted"] as const) {
      Object.defineProperty(watched, name, { value: (queue[name] as (...values: unknown[]) => unknown).bind(queue) });
    }
    watched.bury = async (letter: DeadLetter) => {
      await queue.bury(letter);
      const { mark, reason, write } = letter;
      this.letters.push({ mark, reason, write: fromBinary(WriteSchema, write) });
    };
    return watched;
  }
}

/** What a verdict says, in a word or two: the name that is gone, the text, or the reason of a refusal. */
export function summaryOf({ outcome }: Applied): unknown {
  if (outcome.case === "refusal") return outcome.value.reason;
  if (outcome.case === "deleted") return outcome.value;
  if (outcome.case === "message") return outcome.value.content.value ?? "tombstone";
  if (outcome.case === "chat") return outcome.value.title;
  return outcome.value;
}

export const nameOf = formatChatName;
export const messageNameOf = (chat: ChatName, message: number) => formatMessageName({ ...chat, message });
