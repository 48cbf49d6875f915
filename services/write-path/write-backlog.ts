import { tooManyPending } from "../rpc/errors.ts";
import { type Committed, marksOf, type PendingWrite } from "./pending-write.ts";

/** What bounds a group and what waits for one. */
export type GroupLimits = {
  /** Commit marks (messages) in a group. */
  groupMessages: number;
  /** Bytes in a group. */
  groupBytes: number;
  /** Writes that wait for a group; one more is RESOURCE_EXHAUSTED. */
  pendingWrites: number;
  /** Bytes that wait for a group; more are RESOURCE_EXHAUSTED. */
  pendingBytes: number;
};

/** A write with the promise that its caller holds. */
export type WaitingWrite = {
  write: PendingWrite;
  resolve: (committed: Committed) => void;
  reject: (error: unknown) => void;
};

/** The writes that wait for a group, in the order of their arrival. */
export class WriteBacklog {
  readonly #limits: GroupLimits;
  #waiting: WaitingWrite[] = [];
  #bytes = 0;

  constructor(limits: GroupLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Rejects at once with RESOURCE_EXHAUSTED where too much waits; else settles when the write's group does. */
  add(write: PendingWrite): Promise<Committed> {
    const { pendingWrites, pendingBytes } = this.#limits;
    if (this.#waiting.length >= pendingWrites || this.#bytes + write.bytes > pendingBytes) {
      return Promise.reject(tooManyPending());
    }
    this.#bytes += write.bytes;
    const { promise, resolve, reject } = Promise.withResolvers<Committed>();
    this.#waiting.push({ write, resolve, reject });
    return promise;
  }

  /** Takes the next group: at least one write where any waits. */
  take(): WaitingWrite[] {
    const { groupMessages, groupBytes } = this.#limits;
    let messages = 0;
    let bytes = 0;
    let size = 0;
    for (const { write } of this.#waiting) {
      messages += marksOf(write);
      if (size > 0 && (messages > groupMessages || bytes + write.bytes > groupBytes)) break;
      bytes += write.bytes;
      size++;
    }
    this.#bytes -= bytes;
    return this.#waiting.splice(0, size);
  }
}
