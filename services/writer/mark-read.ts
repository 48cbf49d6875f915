import type { MarkRead } from "../../gen/parley/queue/v1/record_pb.ts";
import { formatChatName, parseMemberName } from "../aip/resource-name.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";

/**
 * Moves a read position forward: to the newest message at most that the member sees, which tells a customer nothing of
 * notes. Where there is no such member it means nothing.
 */
export function applyMarkRead(rows: BatchRows, { name, number, notes }: MarkRead, mark: CommitMark): void {
  const { user, ...chat } = parseMemberName(name, "name");
  const member = rows.members.find(chat, user);
  const live = findLive(rows.chats, formatChatName(chat));
  if (!member || !live) return;
  const readNumber = Math.min(number, notes ? live.row.lastNumber : live.row.shownNumber);
  if (readNumber > member.readNumber) rows.members.put({ ...member, readNumber, changeSeq: mark });
}
