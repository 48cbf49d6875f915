import type { HandlerContext } from "@connectrpc/connect";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { Author, Message } from "../../gen/parley/v1/message_pb.ts";
import { checkMetadata } from "../aip/metadata.ts";
import { type ChatName, formatChatName } from "../aip/resource-name.ts";
import { principalOf } from "../auth/principal.ts";
import { standingOf } from "../auth/standing.ts";
import type { Facts } from "../facts/facts.ts";
import { invalidFields, kindMismatch, notFound } from "../rpc/errors.ts";
import { authorOf } from "./message-author.ts";
import type { MessageReader } from "./message-reader.ts";
import { hidesNotes } from "./notes.ts";

/** Checks what the contract's rules do not say of a message to create. `field` is its place in the request. */
export function checkNewMessage({ content, metadata }: Message, field: string): void {
  if (content.case === "systemEvent") {
    throw invalidFields([{ field: `${field}.system_event`, description: "is the server's to write: give a body" }]);
  }
  if (content.case === undefined) throw invalidFields([{ field: `${field}.body`, description: "is required" }]);
  checkMetadata(metadata, `${field}.metadata`);
}

/** Messages of one chat that a call wants to create. */
export type WantedMessages = {
  chat: ChatName;
  messages: readonly Message[];
  /** The place of each in the request. */
  fields: readonly string[];
};

/** What they are admitted with. */
export type AdmissionOptions = { facts: Pick<Facts, "user" | "chat">; reader: Pick<MessageReader, "get"> };

/** Checks the messages against the chat, where there is anything to check, and resolves with the author of each. */
export async function admitMessages(
  options: AdmissionOptions,
  { chat, messages, fields }: WantedMessages,
  context: HandlerContext,
): Promise<Author[]> {
  const { facts } = options;
  const checks = messages.flatMap((message, index) =>
    message.internal || message.replyTo !== 0
      ? checkPlace(options, { chat, message, field: fields[index]! }, context)
      : [],
  );
  if (checks.length > 0) await Promise.all(checks);
  const principal = principalOf(context.values);
  const [author, ...others] = messages.map((message) => authorOf(facts, principal, chat.application, message.author));
  return others.length === 0 ? [await author!] : Promise.all([author!, ...others]);
}

/** A note is only in a SUPPORT chat, and a reply answers to a message that its readers see. */
async function checkPlace(
  { facts, reader }: AdmissionOptions,
  { chat, message: { internal, replyTo }, field }: { chat: ChatName; message: Message; field: string },
  { values, signal }: HandlerContext,
): Promise<void> {
  const standing = standingOf(values);
  const kind = (standing.chat ?? (await facts.chat(chat)))?.kind;
  if (kind === undefined) throw notFound(formatChatName(chat));
  if (internal && kind !== Chat_Kind.SUPPORT)
    throw kindMismatch(formatChatName(chat), kind, "it has no internal notes, as a SUPPORT chat");
  if (replyTo === 0) return;
  const target = await reader.get({ ...chat, message: replyTo }, signal);
  if (!target || (target.internal && hidesNotes(standing))) {
    throw invalidFields([{ field: `${field}.reply_to`, description: `the chat has no message ${replyTo}` }]);
  }
  if (!target.internal || internal) return;
  const description = `message ${replyTo} is an internal note: only a note may answer to it`;
  throw invalidFields([{ field: `${field}.reply_to`, description }]);
}
