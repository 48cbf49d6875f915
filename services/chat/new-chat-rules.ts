import { type Chat, Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Principal } from "../auth/principal.ts";
import { invalidFields } from "../rpc/errors.ts";
import type { NamedUsers } from "../user/existing-users.ts";

/** Refuses a chat that its kind does not allow, or that its creator would not see: INVALID_ARGUMENT. */
export function checkKind({ kind, title, creator, members }: Chat, { kind: caller }: Principal): void {
  if (kind === Chat_Kind.OPEN) {
    if (caller === "user") throw invalid("chat.kind", "must be DIRECT, GROUP or SUPPORT: users do not see OPEN chats");
    if (members.length > 0) throw invalid("chat.members", "must be empty: an OPEN chat has no members");
    return;
  }
  if (creator === "") throw invalid("chat.creator", "is required in a chat that is not OPEN");
  if (kind === Chat_Kind.SUPPORT && members.length > 0) {
    throw invalid("chat.members", "must be empty: of a SUPPORT chat the creator alone is a member");
  }
  if (kind !== Chat_Kind.DIRECT) return;
  if (title !== "") throw invalid("chat.title", "must be empty: a DIRECT chat has no title; show its peer");
  if (members.length !== 1) throw invalid("chat.members", "must be exactly one: the other of the two");
  if (members[0] === creator) throw invalid("chat.members", "must be another user than the creator");
}

/** Refuses more members beside the creator than a group may have: INVALID_ARGUMENT. */
export function checkSize(members: readonly string[], membersMax: number): void {
  if (members.length < membersMax) return;
  throw invalid(
    "chat.members",
    `must be fewer than ${membersMax}, which is what a group has at most, with its creator`,
  );
}

/** The users that a request names. One who calls is known. */
export function namedUsers({ creator, members }: Chat, { kind: caller }: Principal): NamedUsers {
  const others = members.map((user, index) => ({ field: `chat.members[${index}]`, user }));
  return caller === "user" || creator === "" ? others : [{ field: "chat.creator", user: creator }, ...others];
}

function invalid(field: string, description: string): Error {
  return invalidFields([{ field, description }]);
}
