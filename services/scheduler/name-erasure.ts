import { randomUUID } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Attributes, Op } from "sequelize";
import { EraseUserSchema, MutationSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { formatUserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import type { UserRow } from "../user/user-model.ts";
import { encodeRecord } from "../write-queue/record-encoder.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";

type Row = Attributes<UserRow>;

/** Users of one pass, and messages of one statement. */
const MAX_USERS = 100;
const STEP_MESSAGES = 1_000;
/** How long the writer may take to pass what is sent to it, in milliseconds; else the next pass goes on. */
const WRITER_MS = 30_000;
/** For so long after a user was deleted, a message of its may still be on its way; in milliseconds. */
const LATE_MS = 600_000;

/** What the erasure works with. */
export type NameErasureOptions = {
  database: Database;
  queue: WriteQueue;
  horizon: Horizon;
  recents: RecentMessages;
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
};

/**
 * Erases the names of deleted users in their messages, and again until no message of theirs can come any more. Their
 * memberships are ended once more, should whoever deleted them have ended before it could ask for it. The search index has
 * no names.
 */
export class NameErasure {
  readonly #options: NameErasureOptions;

  constructor(options: NameErasureOptions) {
    this.#options = options;
  }

  /**
   * Erases what there is. Rejects where a store fails, the writer does not go on, or the signal aborts; the next pass does
   * it again.
   */
  async pass(stop: AbortSignal): Promise<void> {
    const { database, queue, horizon, now = Date.now } = this.#options;
    const due = await database.users.findAll({ where: { eraseDue: 1 }, limit: MAX_USERS, raw: true });
    if (due.length === 0) return;
    const passTime = now();
    const sequence = await queue.append(encodeRecord(due.map((row) => eraseUserWrite(row, passTime))));
    await horizon.reached(sequence, AbortSignal.any([stop, AbortSignal.timeout(WRITER_MS)]));
    for (const row of due) {
      stop.throwIfAborted();
      await this.#erase(row, sequence);
      const { application, id, deleteTime } = row;
      if (deleteTime! + LATE_MS > passTime) continue;
      await database.users.update({ eraseDue: 0 }, { where: { application, id } });
    }
  }

  /** A step at a time, in the order in which the user's messages came. */
  async #erase({ application, id: authorUser }: Row, sequence: number): Promise<void> {
    const { database, recents } = this.#options;
    for (let after = 0; ; ) {
      const named = await database.messages.findAll({
        attributes: ["chat", "number", "createSeq"],
        where: { application, authorUser, createSeq: { [Op.gt]: after }, authorDisplayName: { [Op.ne]: null } },
        order: [["createSeq", "ASC"]],
        limit: STEP_MESSAGES,
        raw: true,
      });
      const byChat = Map.groupBy(named, ({ chat }) => chat);
      for (const [chat, messages] of byChat) {
        const where = { application, chat, number: messages.map(({ number }) => number), authorUser };
        await retryDeadlock(() => database.messages.update({ authorDisplayName: null }, { where }));
      }
      const changes = Array.from(byChat.keys(), (chat) => ({ application, chat }));
      await recents.change(changes.map((chat) => ({ kind: "stale", sequence, chat })));
      if (named.length < STEP_MESSAGES) return;
      after = named.at(-1)!.createSeq;
    }
  }
}

function eraseUserWrite({ application, id }: Row, timeMs: number): Uint8Array {
  const value = create(EraseUserSchema, { name: formatUserName({ application, user: id }) });
  const mutation = create(MutationSchema, {
    id: randomUUID(),
    timeMs: BigInt(timeMs),
    kind: { case: "eraseUser", value },
  });
  return toBinary(WriteSchema, create(WriteSchema, { kind: { case: "mutation", value: mutation } }));
}
