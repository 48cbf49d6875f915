import type { Attributes } from "sequelize";
import { SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import { Author_Type } from "../../gen/parley/v1/message_pb.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { MessageRow } from "../message/message-model.ts";

/**
 * What a new message says about whose turn it is in a support session: the customer's makes it the agents', and an
 * agent's the customer's, whether it was closed or not. Notes, and what bots, the backend and the server write, say
 * nothing.
 */
export function turnSession(session: Attributes<ChatRow>, message: Attributes<MessageRow>): void {
  const { internal, authorUser, authorType, createTime } = message;
  if (internal === 1) return;
  if (authorType === Author_Type.CUSTOMER || (authorUser !== null && authorUser === session.creator)) {
    setStatus(session, SupportState_Status.OPEN);
  } else if (authorType === Author_Type.AGENT) {
    setStatus(session, SupportState_Status.PENDING);
    session.firstResponseTime ??= createTime;
  }
}

function setStatus(session: Attributes<ChatRow>, status: SupportState_Status): void {
  session.supportStatus = status;
  session.closeTime = null;
}
