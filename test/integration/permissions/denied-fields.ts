import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { text } from "../../message-text.ts";
import type { Stage } from "./stage.ts";

/** A call that would be let through without one of its fields. */
type DeniedField = { key: string; method: string; request: object; field: string };

/** Calls on a stage that set what their callers may not set. */
export function deniedFields({ people, tenant, chats, messages }: Stage): DeniedField[] {
  const { member, agent, moderator } = people;
  const parent = chats.group;
  const group = { kind: Chat_Kind.GROUP, creator: "owner" };
  const promoted = { name: `${chats.group}/members/reader`, role: Member_Role.OWNER };
  const by = (key: string, method: string, request: object, field: string) => ({ key, method, request, field });
  const author = { message: { ...text("hello"), author: { user: "reader" } } };
  const note = { message: { ...text("hello"), internal: true } };
  const limits = { application: { name: tenant.name, rateLimits: {} } };
  return [
    by(member.token, "CreateMessage", { parent, ...note }, "message.internal"),
    by(agent.token, "CreateMessage", { parent: chats.support, ...author }, "message.author"),
    by(member.token, "CreateChat", { parent: tenant.name, chat: group }, "chat.creator"),
    by(member.token, "MarkRead", { parent, number: 1, user: "reader" }, "user"),
    by(member.token, "ListChats", { parent: tenant.name, user: "member" }, "user"),
    by(member.token, "GetChat", { name: chats.group, user: "reader" }, "user"),
    by(agent.token, "GetChat", { name: chats.support, user: "reader" }, "user"),
    by(agent.token, "ListUsers", { parent: tenant.name, email: "reader@example.com" }, "email"),
    by(member.token, "AddReaction", { name: messages.group, emoji: "👍", user: "reader" }, "user"),
    by(member.token, "UpdateUser", { user: { name: member.name, role: User_Role.ADMIN } }, "user.role"),
    by(member.token, "UpdateUser", { user: { name: member.name }, updateMask: { paths: ["email"] } }, "user.email"),
    by(moderator.token, "UpdateMember", { member: promoted }, "member.role"),
    by(tenant.key, "UpdateApplication", limits, "application.rate_limits"),
  ];
}
