import { create } from "@bufbuild/protobuf";
import { MarkReadSchema, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { MessageSchema } from "../../../gen/parley/v1/message_pb.ts";
import {
  type ChatName,
  formatChatName,
  formatMemberName,
  formatMessageName,
} from "../../../services/aip/resource-name.ts";
import { mutationWrite } from "../writes.ts";
import { userOf } from "./filled-names.ts";

/** Writes about the members, reactions and sessions of a chat, by users of whom there are many. */
export function peopleWrites(chat: ChatName, index: number): Write[] {
  const [name, user] = [formatChatName(chat), userOf(100 + index)];
  const message = create(MessageSchema, { name: `${name}/messages/${40_000 + index}`, number: 40_000 + index });
  const members = { $typeName: "parley.queue.v1.ChangeMembers", chat: name, actor: userOf(1), message } as const;
  const support = { $typeName: "parley.queue.v1.ChangeSupport", name, actor: userOf(1), etag: "", message } as const;
  const reaction = { name: formatMessageName({ ...chat, message: 3 + index }), user, emoji: "👍", remove: false };
  const read = create(MarkReadSchema, { name: formatMemberName({ ...chat, user }), number: 7 });
  // Not the owner of the largest chat: who follows it is chosen among all members of one chat, MEMBERS_MAX at most.
  const erased = `applications/${chat.application}/users/${userOf(10 + index)}`;
  return [
    create(WriteSchema, { kind: { case: "markRead", value: read } }),
    mutationWrite({ case: "changeMembers", value: { ...members, kind: { case: "remove", value: user } } }),
    mutationWrite({ case: "changeSupport", value: { ...support, kind: { case: "assign", value: user } } }),
    mutationWrite({ case: "changeReaction", value: { $typeName: "parley.queue.v1.ChangeReaction", ...reaction } }),
    mutationWrite({ case: "eraseUser", value: { $typeName: "parley.queue.v1.EraseUser", name: erased } }),
  ];
}
