import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { Chat_Kind, type SupportState, SupportState_Status, SupportStateSchema } from "../../gen/parley/v1/chat_pb.ts";
import { timestampOrNone } from "../aip/timestamp.ts";
import type { ChatRow } from "./chat-model.ts";

/** What a chat's row keeps of its support session. */
export type SessionColumns = Pick<
  Attributes<ChatRow>,
  "supportStatus" | "supportAgent" | "firstResponseTime" | "closeTime"
>;

/** How the session of a new chat stands: open and nobody's; in another kind of chat there is none. */
export function newSession(kind: Chat_Kind): SessionColumns {
  const supportStatus = kind === Chat_Kind.SUPPORT ? SupportState_Status.OPEN : SupportState_Status.UNSPECIFIED;
  return { supportStatus, supportAgent: null, firstResponseTime: null, closeTime: null };
}

/** How a session stands, as it is answered; undefined in another kind of chat. */
export function supportStateOf(
  row: Pick<Attributes<ChatRow>, "kind" | keyof SessionColumns>,
): SupportState | undefined {
  if (row.kind !== Chat_Kind.SUPPORT) return undefined;
  return create(SupportStateSchema, {
    status: row.supportStatus as SupportState_Status,
    agent: row.supportAgent ?? "",
    firstResponseTime: timestampOrNone(row.firstResponseTime),
    closeTime: timestampOrNone(row.closeTime),
  });
}
