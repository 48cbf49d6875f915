import { create } from "@bufbuild/protobuf";
import {
  type Applied,
  AppliedSchema,
  type DeleteApplication,
  type DeleteChat,
  type DeleteMessage,
  type Mutation,
  Refusal_Reason,
  type UpdateChat,
  type UpdateMessage,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { formatMetadata } from "../aip/metadata.ts";
import { formatChatName, parseApplicationName, parseChatName, parseMessageName } from "../aip/resource-name.ts";
import { chatFromRow } from "../chat/chat-codec.ts";
import { messageFromRow } from "../message/message-codec.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { type BatchRows, findLive, type Tracked } from "./batch-rows.ts";
import { unknownWrite } from "./write-unit.ts";

type Outcome = Applied["outcome"];
type Change = { mark: CommitMark; timeMs: number };
type Revised = { revision: number; updateTime: number; changeSeq: number };

function refuse(reason: Refusal_Reason): Outcome {
  return { case: "refusal", value: { $typeName: "parley.queue.v1.Refusal", reason } };
}

/** Whether an etag was given that is not the row's. */
function isStale(etag: string, { revision, updateTime }: { revision: number; updateTime: number }): boolean {
  return etag !== "" && etag !== formatEtag({ revision, updateTimeMs: updateTime });
}

/** Marks a row as changed. Time does not fall, even where a clock did. */
function revise<Row extends Revised>(tracked: Tracked<Row>, { mark, timeMs }: Change): void {
  tracked.row.revision += 1;
  tracked.row.updateTime = Math.max(tracked.row.updateTime, timeMs);
  tracked.row.changeSeq = mark;
  if (tracked.state === "stored") tracked.state = "changed";
}

/** The message that a mutation names; undefined where it, or its chat, does not exist. */
function findMessage(rows: BatchRows, name: string) {
  return findLive(rows.chats, formatChatName(parseMessageName(name, "name"))) && rows.messages.get(name);
}

function updateMessage(rows: BatchRows, { message, fields }: UpdateMessage, change: Change): Outcome {
  const tracked = findMessage(rows, message!.name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  const { row } = tracked;
  if (isStale(message!.etag, row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  if (row.deleteTime !== null) return refuse(Refusal_Reason.MESSAGE_DELETED);
  if (fields.length > 0) revise(tracked, change);
  if (fields.includes("body")) {
    row.body = message!.content.value ?? null;
    row.editTime = row.updateTime;
  }
  if (fields.includes("metadata")) row.metadata = formatMetadata(message!.metadata);
  return { case: "message", value: messageFromRow(row) };
}

function deleteMessage(rows: BatchRows, { name, etag }: DeleteMessage, change: Change): Outcome {
  const tracked = findMessage(rows, name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  const { row } = tracked;
  if (row.deleteTime !== null) return { case: "message", value: messageFromRow(row) };
  if (isStale(etag, row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  revise(tracked, change);
  row.deleteTime = row.updateTime;
  row.body = null;
  row.metadata = null;
  return { case: "message", value: messageFromRow(row) };
}

function updateChat(rows: BatchRows, { chat, fields }: UpdateChat, change: Change): Outcome {
  const tracked = findLive(rows.chats, chat!.name);
  if (!tracked) return refuse(Refusal_Reason.NOT_FOUND);
  if (isStale(chat!.etag, tracked.row)) return refuse(Refusal_Reason.ETAG_MISMATCH);
  if (fields.length > 0) revise(tracked, change);
  if (fields.includes("title")) tracked.row.title = chat!.title;
  if (fields.includes("metadata")) tracked.row.metadata = formatMetadata(chat!.metadata);
  return { case: "chat", value: chatFromRow(tracked.row) };
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
    case "updateChat":
      return verdict(updateChat(rows, kind.value, change));
    case "deleteChat":
      return verdict(deleteChat(rows, kind.value, change));
    case "deleteApplication": {
      const { application } = parseApplicationName(kind.value.name, "name");
      return verdict(deleteApplication(rows, kind.value, change, await hasChats(application)));
    }
    default:
      throw unknownWrite("mutation");
  }
}
