import { toJsonString } from "@bufbuild/protobuf";
import { ApplicationSchema } from "../gen/parley/v1/application_pb.ts";
import { ChatSchema } from "../gen/parley/v1/chat_pb.ts";
import { MemberSchema } from "../gen/parley/v1/member_pb.ts";
import { MessageSchema } from "../gen/parley/v1/message_pb.ts";
import { UserSchema } from "../gen/parley/v1/user_pb.ts";
import type { Services } from "./tenant.ts";

/** Everything that is stored, up to 500 of each kind: each resource's JSON by its name. */
export async function readState(services: Services): Promise<Record<string, string>> {
  const { applications, users, chats, members, messages } = services;
  const state: Record<string, string> = {};
  for (const application of (await applications.listApplications({ pageSize: 500 })).applications) {
    state[application.name] = toJsonString(ApplicationSchema, application);
    const { users: people } = await users.listUsers({ parent: application.name, pageSize: 500 });
    for (const user of people) state[user.name] = toJsonString(UserSchema, user);
    for (const chat of (await chats.listChats({ parent: application.name, pageSize: 500 })).chats) {
      state[chat.name] = toJsonString(ChatSchema, chat);
      const own = await members.listMembers({ parent: chat.name, pageSize: 500 });
      for (const member of own.members) state[member.name] = toJsonString(MemberSchema, member);
      const page = await messages.listMessages({ parent: chat.name, pageSize: 500 });
      for (const message of page.messages) state[message.name] = toJsonString(MessageSchema, message);
    }
  }
  return state;
}
