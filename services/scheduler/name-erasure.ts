import { create } from "@bufbuild/protobuf";
import { type Attributes, literal, Op } from "sequelize";
import { EraseUserSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { formatUserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import type { UserRow } from "../user/user-model.ts";
import { newMutation, writeOf } from "../write-path/mutation-write.ts";
import { encodeRecord } from "../write-queue/record-encoder.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";

type Row = Attributes<UserRow>;

/** Users of one record, and messages of one statement. */
const STEP_USERS = 100;
const STEP_MESSAGES = 1_000;
/** How long the writer may take to pass what is sent to it, in milliseconds; else the next pass goes on. */
const WRITER_MS = 30_000;
/** For so long after a user was deleted, a message of its may still be on its way; in milliseconds. */
const LATE_MS = 600_000;

/** What the erasure works with. */
export type NameErasureOptions = {
  database: Database;
  queue: WriteQueue;
  horizon: Pick<Horizon, "reached">;
  recents: RecentMessages;
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
};

/**
 * Erases the names of deleted users in their messages, and again once no message of theirs can come any more. Their
 * memberships are ended once more, should whoever deleted them have ended before it could ask for it. The search index has
 * no names.
 */
export class NameErasure {
  readonly #options: NameErasureOptions;
  /** Whose names the last pass erased, or one before it, and who are due once more: `<application>/<id>`. */
  #erased: ReadonlySet<string> = new Set();

  constructor(options: NameErasureOptions) {
    this.#options = options;
  }

  /**
   * Erases what there is. Rejects where a store fails, the writer does not go on, or the signal aborts; the next pass does
   * it again.
   */
  async pass(stop: AbortSignal): Promise<void> {
    const erased = new Set<string>();
    try {
      await this.#eraseDue(erased, stop);
      this.#erased = erased;
    } catch (error) {
      this.#erased = new Set([...this.#erased, ...erased]);
      throw error;
    }
  }

  /** @param erased gets the keys of those that are done */
  async #eraseDue(erased: Set<string>, stop: AbortSignal): Promise<void> {
    const { now = Date.now } = this.#options;
    const passTime = now();
    for (let after: Row | undefined; ; ) {
      const due = await this.#findDue(after);
      const fresh = due.filter((row) => isLast(row, passTime) || !this.#erased.has(keyOf(row)));
      if (fresh.length > 0) await this.#eraseAll(fresh, passTime, stop);
      for (const row of due) erased.add(keyOf(row));
      after = due.at(-1);
      if (due.length < STEP_USERS) return;
    }
  }

  /** A step of the users that are due, in the order of their keys. */
  #findDue(after: Row | undefined): Promise<Row[]> {
    const behind = after && {
      [Op.or]: [
        { application: { [Op.gt]: after.application } },
        { application: after.application, id: { [Op.gt]: after.id } },
      ],
    };
    return this.#options.database.users.findAll({
      where: { eraseDue: 1, ...behind },
      order: ["application", "id"],
      limit: STEP_USERS,
      raw: true,
    });
  }

  async #eraseAll(due: Row[], timeMs: number, stop: AbortSignal): Promise<void> {
    const { database, queue, horizon } = this.#options;
    const sequence = await queue.append(encodeRecord(due.map((row) => eraseUserWrite(row, timeMs))));
    await horizon.reached(sequence, AbortSignal.any([stop, AbortSignal.timeout(WRITER_MS)]));
    for (const row of due) {
      stop.throwIfAborted();
      await this.#erase(row, sequence, timeMs);
      if (!isLast(row, timeMs)) continue;
      const { application, id } = row;
      await database.users.update({ eraseDue: 0 }, { where: { application, id } });
    }
  }

  /** A step at a time, in the order in which the user's messages came. To each it is a change, as an edit is. */
  async #erase({ application, id: authorUser }: Row, sequence: number, timeMs: number): Promise<void> {
    const { database, recents } = this.#options;
    const updateTime = literal(`CASE WHEN update_time < ${timeMs} THEN ${timeMs} ELSE update_time END`);
    const changed = { authorDisplayName: null, revision: literal("revision + 1"), updateTime };
    const isNamed = { authorDisplayName: { [Op.ne]: null } };
    for (let after = 0; ; ) {
      const named = await database.messages.findAll({
        attributes: ["chat", "number", "createSeq"],
        where: { application, authorUser, createSeq: { [Op.gt]: after }, ...isNamed },
        order: [["createSeq", "ASC"]],
        limit: STEP_MESSAGES,
        raw: true,
      });
      const byChat = Map.groupBy(named, ({ chat }) => chat);
      // First, so that no name stays among the recent messages where this ends in between.
      const changes = Array.from(byChat.keys(), (chat) => ({ application, chat }));
      await recents.change(changes.map((chat) => ({ kind: "stale", sequence, chat })));
      for (const [chat, messages] of byChat) {
        const where = { application, chat, number: messages.map(({ number }) => number), authorUser, ...isNamed };
        await retryDeadlock(() => database.messages.update(changed, { where }));
      }
      if (named.length < STEP_MESSAGES) return;
      after = named.at(-1)!.createSeq;
    }
  }
}

function eraseUserWrite({ application, id }: Row, timeMs: number): Uint8Array {
  const value = create(EraseUserSchema, { name: formatUserName({ application, user: id }) });
  return writeOf(newMutation({ case: "eraseUser", value }, undefined, timeMs));
}

/** Whether no message of the user can come any more. */
function isLast({ deleteTime }: Row, timeMs: number): boolean {
  return deleteTime! + LATE_MS <= timeMs;
}

function keyOf({ application, id }: Row): string {
  return `${application}/${id}`;
}
