import { create, toBinary } from "@bufbuild/protobuf";
import { RecordSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { MessageReader } from "../../../services/message/message-reader.ts";
import { MessageStore } from "../../../services/message/message-store.ts";
import type { RecentMessages } from "../../../services/message/recent-messages.ts";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { WriterScene } from "../writer/writer-scene.ts";
import { chatWrite, messagesWrite } from "../writes.ts";
import { recentBatch } from "./recent-batch.ts";

/** A reader over stores whose writer runs only when the test says so. */
export class MessageScene {
  readonly writing: WriterScene;
  readonly reader: MessageReader;
  readonly #horizon = new Horizon(0);

  private constructor(writing: WriterScene) {
    this.writing = writing;
    this.reader = this.readerOf(writing.recents);
  }

  /** A reader over other recent messages. */
  readerOf(recents: RecentMessages): MessageReader {
    const { database, queue } = this.writing.stores;
    return new MessageReader({ recents, store: new MessageStore(database), queue, horizon: this.#horizon });
  }

  static async open(): Promise<MessageScene> {
    return new MessageScene(await WriterScene.open());
  }

  close(): Promise<void> {
    return this.writing.close();
  }

  /** A new chat, in the database. */
  async createChat(): Promise<ChatName> {
    const name = { application: await this.writing.createApplication(), chat: 1 };
    await this.writing.stores.queue.append(toBinary(RecordSchema, create(RecordSchema, { writes: [chatWrite(name)] })));
    await this.persist();
    return name;
  }

  /** Stores messages as group commit does: in the queue, and then in the recent messages. */
  async store(chat: ChatName, messages: readonly Message[]): Promise<void> {
    await this.writing.recents.add([recentBatch(chat, messages)], await this.queue(chat, messages));
  }

  /** Stores messages in the queue alone; resolves with their record's sequence. */
  queue(chat: ChatName, messages: readonly Message[]): Promise<number> {
    const record = create(RecordSchema, { writes: [messagesWrite(chat, messages)] });
    return this.writing.stores.queue.append(toBinary(RecordSchema, record));
  }

  /** Makes the recent messages forget a chat. */
  async forget(chat: ChatName): Promise<void> {
    const sequence = await this.writing.stores.queue.end();
    await this.writing.recents.change([{ kind: "stale", sequence, chat }]);
  }

  /** Lets the writer take all that is queued. */
  async persist(): Promise<void> {
    await (await this.writing.createWriter()).drain();
    this.#horizon.advance(endOfRecord(await this.writing.stores.queue.end()));
  }
}
