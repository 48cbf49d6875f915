import { toJsonString } from "@bufbuild/protobuf";
import { ApplicationSchema } from "../gen/parley/v1/application_pb.ts";
import { ChatSchema } from "../gen/parley/v1/chat_pb.ts";
import { MessageSchema } from "../gen/parley/v1/message_pb.ts";
import type { Services } from "./tenant.ts";

/** Everything that is stored, up to 500 of each kind: each resource's JSON by its name. */
export async function readState({ applications, chats, messages }: Services): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  for (const application of (await applications.listApplications({ pageSize: 500 })).applications) {
    state[application.name] = toJsonString(ApplicationSchema, application);
    for (const chat of (await chats.listChats({ parent: application.name, pageSize: 500 })).chats) {
      state[chat.name] = toJsonString(ChatSchema, chat);
      const page = await messages.listMessages({ parent: chat.name, pageSize: 500 });
      for (const message of page.messages) state[message.name] = toJsonString(MessageSchema, message);
    }
  }
  return state;
}
