import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type ChangeSupport, Refusal_Reason, SupportChangedSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind, SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import { type SystemEvent, SystemEvent_Type, SystemEventSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatUserName } from "../aip/resource-name.ts";
import { isAgentRole } from "../auth/agent-role.ts";
import { chatFromRow } from "../chat/chat-codec.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { type Change, isStale, type Outcome, refuse, revise } from "./judgement.ts";
import { tell } from "./system-message.ts";
import { unknownWrite } from "./write-unit.ts";

type Session = Attributes<ChatRow>;

/**
 * Judges a change of a support session. Who asks, and who gets it, must be an agent still; the customer may close it and
 * open it again. What changes nothing, as closing what is closed, is granted without a message.
 */
export function judgeSupport(rows: BatchRows, wanted: ChangeSupport, change: Change): Outcome {
  const session = findLive(rows.chats, wanted.name);
  if (!session) return refuse(Refusal_Reason.NOT_FOUND);
  const reason = reasonAgainst(rows, session.row, wanted);
  const isChanged = reason === undefined && isChange(session.row, wanted);
  if (isChanged) revise(session, change);
  const event = isChanged ? applyChange(session.row, wanted) : undefined;
  const message = tell(rows, session, { message: wanted.message!, event }, change.mark);
  if (reason !== undefined) return refuse(reason);
  return { case: "support", value: create(SupportChangedSchema, { chat: chatFromRow(session.row, true), message }) };
}

function reasonAgainst(rows: BatchRows, session: Session, wanted: ChangeSupport): Refusal_Reason | undefined {
  const { actor, etag, kind } = wanted;
  if (session.kind !== Chat_Kind.SUPPORT) return Refusal_Reason.KIND_MISMATCH;
  const isCustomer = actor === session.creator && kind.case !== "assign";
  if (actor !== "" && !isCustomer && !isAgent(rows, session, actor)) return Refusal_Reason.NO_AGENT;
  if (isStale(etag, session)) return Refusal_Reason.ETAG_MISMATCH;
  const isAssigned = kind.case === "assign" && kind.value !== "";
  return isAssigned && !isAgent(rows, session, kind.value) ? Refusal_Reason.ASSIGNEE_NO_AGENT : undefined;
}

function isAgent(rows: BatchRows, { application }: Session, user: string): boolean {
  return isAgentRole(rows.users.get(formatUserName({ application, user }))?.role);
}

function isChange({ supportAgent, supportStatus }: Session, { kind }: ChangeSupport): boolean {
  switch (kind.case) {
    case "assign":
      return (supportAgent ?? "") !== kind.value;
    case "close":
      return supportStatus !== SupportState_Status.CLOSED;
    case "reopen":
      return supportStatus === SupportState_Status.CLOSED;
    default:
      throw unknownWrite("change of a support session");
  }
}

/** Applies a change; gives what happened. */
function applyChange(session: Session, { actor, kind }: ChangeSupport): SystemEvent {
  if (kind.case === "assign") {
    session.supportAgent = kind.value || null;
    const users = kind.value === "" ? [] : [kind.value];
    return create(SystemEventSchema, { type: SystemEvent_Type.SUPPORT_ASSIGNED, actor, users });
  }
  const closes = kind.case === "close";
  session.supportStatus = closes ? SupportState_Status.CLOSED : SupportState_Status.OPEN;
  session.closeTime = closes ? session.updateTime : null;
  const type = closes ? SystemEvent_Type.SUPPORT_CLOSED : SystemEvent_Type.SUPPORT_REOPENED;
  return create(SystemEventSchema, { type, actor });
}
