import { fromBinary } from "@bufbuild/protobuf";
import { type Applied, type CreateMessages, RecordSchema, type Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { Chat } from "../../../gen/parley/v1/chat_pb.ts";
import { commitMark } from "../../../services/write-queue/commit-mark.ts";
import type { QueueRecord } from "../../../services/write-queue/write-queue.ts";
import type { Event } from "../history/history.ts";
import { ABSENT, type Item } from "../history/resource.ts";
import { itemOf, ORIGIN_KEY } from "../load/calls.ts";

/** A chat as the API shows it. */
export function chatItemOf({ name, title, metadata }: Chat): Item {
  return { name, state: title, origin: metadata[ORIGIN_KEY] ?? "" };
}

/** Makes of the queue's records what a subscriber sees: creates, and the verdicts that changed something, without twins. */
export class EventReader {
  readonly events: Event[] = [];
  /** When each epoch of numbers was seen to begin, by the process's clock in milliseconds. */
  readonly epochs: number[] = [];
  /** What the name of a create says already, by name. */
  readonly #created = new Map<string, string>();
  /** The ids of the mutations whose verdicts were seen. */
  readonly #applied = new Set<string>();

  read({ sequence, data }: QueueRecord): void {
    let index = 0;
    for (const write of fromBinary(RecordSchema, data).writes) {
      this.#enter(write, commitMark(sequence, index));
      index += write.kind.case === "createMessages" ? write.kind.value.messages.length : 1;
    }
  }

  #enter({ kind }: Write, mark: number): void {
    if (kind.case === "createChat") this.#create(chatItemOf(kind.value.chat!), mark);
    else if (kind.case === "createMessages") this.#createAll(kind.value, mark);
    else if (kind.case === "applied") this.#apply(kind.value);
    else if (kind.case === "epoch") this.epochs.push(performance.now());
  }

  #createAll({ messages }: CreateMessages, mark: number): void {
    for (const [index, message] of messages.entries()) this.#create(itemOf(message), mark + index);
  }

  #create(item: Item, mark: number): void {
    if (this.#created.get(item.name) === item.origin) return;
    this.#created.set(item.name, item.origin);
    this.events.push({ ...item, kind: "created", mark });
  }

  #apply({ id, changeMark, outcome }: Applied): void {
    if (this.#applied.has(id)) return;
    this.#applied.add(id);
    const mark = Number(changeMark);
    if (outcome.case === "message") this.events.push({ ...itemOf(outcome.value), kind: "changed", mark });
    else if (outcome.case === "chat") this.events.push({ ...chatItemOf(outcome.value), kind: "changed", mark });
    else if (outcome.case === "deleted" && outcome.value.includes("/chats/")) {
      this.events.push({ name: outcome.value, state: ABSENT, origin: "", kind: "removed", mark });
    }
  }
}
