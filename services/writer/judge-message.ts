import {
  type ChangeReaction,
  type DeleteMessage,
  Refusal_Reason,
  type UpdateMessage,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { formatMetadata } from "../aip/metadata.ts";
import { formatChatName, parseMessageName } from "../aip/resource-name.ts";
import { bodyOf } from "../message/message-body.ts";
import { messageFromRow } from "../message/message-codec.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { judgeReaction } from "./judge-reaction.ts";
import { type Change, isStale, type Outcome, refuse, revise } from "./judgement.ts";

/** The message that a mutation names; undefined where it, or its chat, does not exist. */
function findMessage(rows: BatchRows, name: string) {
  return findLive(rows.chats, formatChatName(parseMessageName(name, "name"))) && rows.messages.get(name);
}

/** Judges an edit of a message that is neither a tombstone nor the system's. */
export function updateMessage(rows: BatchRows, { message, fields }: UpdateMessage, change: Change): Outcome {
  const tracked = findMessage(rows, message!.name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  const { row } = tracked;
  if (row.systemEvent !== null) return refuse(Refusal_Reason.KIND_MISMATCH);
  if (isStale(message!.etag, row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  if (row.deleteTime !== null) return refuse(Refusal_Reason.MESSAGE_DELETED);
  if (fields.length > 0) revise(tracked, change);
  if (fields.includes("body")) {
    row.body = bodyOf(message!) ?? null;
    row.editTime = row.updateTime;
  }
  if (fields.includes("metadata")) row.metadata = formatMetadata(message!.metadata);
  return { case: "message", value: messageFromRow(row) };
}

/** Judges the deletion of a message, which leaves a tombstone; that of a tombstone changes nothing. */
export function deleteMessage(rows: BatchRows, { name, etag }: DeleteMessage, change: Change): Outcome {
  const tracked = findMessage(rows, name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  const { row } = tracked;
  if (row.systemEvent !== null) return refuse(Refusal_Reason.KIND_MISMATCH);
  if (row.deleteTime !== null) return { case: "message", value: messageFromRow(row) };
  if (isStale(etag, row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  revise(tracked, change);
  row.deleteTime = row.updateTime;
  row.body = null;
  row.metadata = null;
  row.reactions = null;
  return { case: "message", value: messageFromRow(row) };
}

/** Judges a reaction that comes or goes; one that is as wanted changes nothing. */
export function changeReaction(rows: BatchRows, reaction: ChangeReaction, change: Change): Outcome {
  const tracked = findMessage(rows, reaction.name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  const { row } = tracked;
  if (row.systemEvent !== null) return refuse(Refusal_Reason.KIND_MISMATCH);
  if (row.deleteTime !== null) return refuse(Refusal_Reason.MESSAGE_DELETED);
  const judged = judgeReaction(row, reaction);
  if (typeof judged === "number") return refuse(judged);
  if (judged !== "unchanged") {
    revise(tracked, change);
    row.reactions = judged.reactions;
  }
  return { case: "message", value: messageFromRow(row) };
}
