import type { Message } from "../../gen/parley/v1/message_pb.ts";
import type { ChatName } from "../aip/resource-name.ts";
import type { RecentBatch } from "../message/recent-messages.ts";
import { counterKey } from "../numbering/counter-key.ts";

type GrowingBatch = { chat: ChatName; messages: Message[]; bytes: Uint8Array[] };

/**
 * What a record adds to the recent messages, in one batch a chat: in a busy chat, most of what it takes to tell of a message
 * is the telling. Numbers of an earlier try are told of apart.
 */
export class RecentBatches {
  readonly all: RecentBatch[] = [];
  readonly #byChat = new Map<string, GrowingBatch>();

  add({ chat, messages, bytes }: Omit<RecentBatch, "repeated">, repeated: boolean): void {
    const key = counterKey(chat);
    const known = repeated ? undefined : this.#byChat.get(key);
    if (!known) {
      const batch = { chat, messages: [...messages], bytes: [...bytes], repeated };
      this.all.push(batch);
      if (!repeated) this.#byChat.set(key, batch);
      return;
    }
    // A group's numbers rise within a chat, but for repeated ones.
    known.messages.push(...messages);
    known.bytes.push(...bytes);
  }
}
