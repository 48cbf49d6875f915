import { create } from "@bufbuild/protobuf";
import {
  type Applied,
  AppliedSchema,
  type DeleteApplication,
  type DeleteChat,
  type Mutation,
  Refusal_Reason,
  type UpdateChat,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { millisFromDuration } from "../aip/duration.ts";
import { formatMetadata } from "../aip/metadata.ts";
import { parseApplicationName, parseChatName } from "../aip/resource-name.ts";
import { chatFromRow } from "../chat/chat-codec.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { eraseUser } from "./erase-user.ts";
import { judgeMembers } from "./judge-members.ts";
import { changeReaction, deleteMessage, updateMessage } from "./judge-message.ts";
import { judgeSupport } from "./judge-support.ts";
import { type Change, isStale, type Outcome, refuse, revise } from "./judgement.ts";
import { unknownWrite } from "./write-unit.ts";

function updateChat(rows: BatchRows, { chat, fields }: UpdateChat, change: Change): Outcome {
  const tracked = findLive(rows.chats, chat!.name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  if (tracked.row.kind === Chat_Kind.DIRECT && fields.includes("title") && chat!.title !== "")
    return refuse(Refusal_Reason.KIND_MISMATCH);
  if (isStale(chat!.etag, tracked.row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  if (fields.length > 0) revise(tracked, change);
  if (fields.includes("title")) tracked.row.title = chat!.title;
  if (fields.includes("metadata")) tracked.row.metadata = formatMetadata(chat!.metadata);
  if (fields.includes("slow_mode")) tracked.row.slowModeMs = millisFromDuration(chat!.slowMode);
  return { case: "chat", value: chatFromRow(tracked.row, true) };
}

function deleteChat(rows: BatchRows, { name, etag, force, numbered }: DeleteChat, change: Change): Outcome {
  const tracked = findLive(rows.chats, name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  if (isStale(etag, tracked.row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  if (!force && Math.max(tracked.row.lastNumber, numbered) > 0) return refuse(Refusal_Reason.HAS_CHILDREN);
  revise(tracked, change);
  tracked.row.deleteTime = tracked.row.updateTime;
  const application = findLive(rows.applications, parseChatName(name, "name").application);
  if (application) {
    application.row.countDue = change.mark;
    application.state = "changed";
  }
  return { case: "deleted", value: name };
}

/** @param hasChats whether a chat of the application exists, counting what the batch did */
function deleteApplication(
  rows: BatchRows,
  { name, etag, force, numbered }: DeleteApplication,
  { mark, timeMs }: Change,
  hasChats: boolean,
): Outcome {
  const tracked = findLive(rows.applications, parseApplicationName(name, "name").application);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  if (isStale(etag, tracked.row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  const followed = numbered > (tracked.row.lastChatNumber ?? 0);
  if (!force && (hasChats || followed)) return refuse(Refusal_Reason.HAS_CHILDREN);
  tracked.row.deleteTime = timeMs;
  tracked.row.changeSeq = mark;
  tracked.state = "changed";
  for (const { row } of rows.chats.values()) if (row.application === tracked.row.token) row.deleteTime ??= timeMs;
  return { case: "deleted", value: name };
}

/**
 * Judges a mutation against the rows as the queue's order left them, applies it to them, and gives the verdict.
 *
 * @param hasChats as in deleteApplication; called only for the deletion of an application
 */
export async function judgeMutation(
  rows: BatchRows,
  { id, timeMs, kind }: Mutation,
  mark: CommitMark,
  hasChats: (application: string) => Promise<boolean>,
): Promise<Applied> {
  const change = { mark, timeMs: Number(timeMs) };
  const verdict = (outcome: Outcome) => create(AppliedSchema, { id, changeMark: BigInt(mark), outcome });
  switch (kind.case) {
    case "updateMessage":
      return verdict(updateMessage(rows, kind.value, change));
    case "deleteMessage":
      return verdict(deleteMessage(rows, kind.value, change));
    case "changeReaction":
      return verdict(changeReaction(rows, kind.value, change));
    case "updateChat":
      return verdict(updateChat(rows, kind.value, change));
    case "deleteChat":
      return verdict(deleteChat(rows, kind.value, change));
    case "deleteApplication": {
      const { application } = parseApplicationName(kind.value.name, "name");
      return verdict(deleteApplication(rows, kind.value, change, await hasChats(application)));
    }
    case "changeMembers":
      return verdict(judgeMembers(rows, kind.value, change));
    case "eraseUser":
      return verdict(eraseUser(rows, kind.value.name, change));
    case "changeSupport":
      return verdict(judgeSupport(rows, kind.value, change));
    default:
      throw unknownWrite("mutation");
  }
}
