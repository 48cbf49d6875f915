import { Op, type Transaction } from "sequelize";
import { type MessageName, parseChatName, parseMessageName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import { type CommitMark, sequenceOf } from "../write-queue/commit-mark.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "./horizon.ts";
import { encodedWrite, type UnitKind, type WriteUnit } from "./write-unit.ts";
import type { WriterPosition } from "./writer-position.ts";

type Options = {
  database: Database;
  queue: WriteQueue;
  position: WriterPosition;
  horizon: Horizon;
  recents: RecentMessages;
  now: () => number;
};

/** The numbers of a write that is set aside stay given. */
async function raiseHighWater(database: Database, kind: UnitKind, transaction: Transaction): Promise<void> {
  if (kind.case === "createChat") {
    const { application, chat } = parseChatName(kind.value.chat!.name, "chat.name");
    const where = { token: application, lastChatNumber: { [Op.lt]: chat } };
    await database.applications.update({ lastChatNumber: chat }, { where, transaction });
    return;
  }
  const last = lastMessageOf(kind);
  if (!last) return;
  const { application, chat, message } = last;
  const where = { application, number: chat, lastNumber: { [Op.lt]: message } };
  await database.chats.update({ lastNumber: message }, { where, transaction });
}

/** The last message that a write has a number for. */
function lastMessageOf(kind: UnitKind): MessageName | undefined {
  if (kind.case === "createMessages") {
    const { application, chat, rows } = kind.value;
    return { application, chat, message: rows.at(-1)!.number };
  }
  const change = kind.case === "mutation" ? kind.value.kind : undefined;
  if (change?.case !== "changeMembers" && change?.case !== "changeSupport") return undefined;
  return change.value.message && parseMessageName(change.value.message.name, "message.name");
}

/** What the database said itself, where it did: Sequelize says less. */
function describe(reason: Error): string {
  const { original } = reason as { original?: Error };
  return original?.message ?? reason.message;
}

/** Sets a write aside with the database's reason and moves the position past it; nothing of it stays visible. */
export async function setAside(
  { database, queue, position, horizon, recents, now }: Options,
  unit: WriteUnit,
  reason: Error,
): Promise<void> {
  const { mark, end, kind } = unit;
  await queue.bury({ mark, write: encodedWrite(unit), reason: describe(reason), timeMs: now() });
  await hide(recents, mark, kind);
  await database.sequelize.transaction(async (transaction) => {
    await position.move(horizon.position, end, transaction);
    await raiseHighWater(database, kind, transaction);
  });
}

/** Before the position moves: what follows is not repeated after a crash. */
async function hide(recents: RecentMessages, mark: CommitMark, kind: UnitKind): Promise<void> {
  if (kind.case !== "createMessages") return;
  const { application, chat } = kind.value;
  await recents.change([{ kind: "stale", sequence: sequenceOf(mark), chat: { application, chat } }]);
}
