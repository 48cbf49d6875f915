import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { ChangeReactionSchema, DeleteMessageSchema, UpdateMessageSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type DeleteMessageRequest,
  type Message,
  MessageSchema,
  type UpdateMessageRequest,
} from "../../gen/parley/v1/message_pb.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { checkMetadata } from "../aip/metadata.ts";
import { parseMessageName } from "../aip/resource-name.ts";
import { principalOf, userActedFor } from "../auth/principal.ts";
import { standingOf } from "../auth/standing.ts";
import type { Facts } from "../facts/facts.ts";
import { invalidFields } from "../rpc/errors.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { checkSees } from "./notes.ts";

/** What changes of messages work with. */
export type MessageChangesOptions = { mutations: Mutations; facts: Pick<Facts, "message"> };

/** UpdateMessage. */
export async function updateMessage(
  { mutations }: Pick<MessageChangesOptions, "mutations">,
  { message, updateMask }: UpdateMessageRequest,
  { signal }: HandlerContext,
): Promise<Message> {
  const { name, content, metadata, etag } = message!;
  parseMessageName(name, "message.name");
  checkMetadata(metadata, "message.metadata");
  const set = { body: content.case === "body", metadata: Object.keys(metadata).length > 0 };
  const fields = fieldsToUpdate(updateMask, set);
  if (fields.includes("body") && content.case !== "body") {
    const description = "must have a value, as it is among the fields to change";
    throw invalidFields([{ field: "message.body", description }]);
  }
  const changed = create(MessageSchema, { name, content, metadata, etag });
  const value = create(UpdateMessageSchema, { message: changed, fields });
  return (await mutations.apply({ case: "updateMessage", value }, name, signal)).value as Message;
}

/** DeleteMessage. */
export async function deleteMessage(
  { mutations }: Pick<MessageChangesOptions, "mutations">,
  { name, etag }: DeleteMessageRequest,
  { signal }: HandlerContext,
): Promise<Message> {
  parseMessageName(name, "name");
  const value = create(DeleteMessageSchema, { name, etag });
  return (await mutations.apply({ case: "deleteMessage", value }, name, signal)).value as Message;
}

/** What AddReaction and RemoveReaction ask for. */
export type Reacting = { name: string; emoji: string; user: string };

/** AddReaction, or RemoveReaction. */
export async function react(
  { mutations, facts }: MessageChangesOptions,
  { name, emoji, user: named }: Reacting,
  { values, signal }: HandlerContext,
  remove: boolean,
): Promise<Message> {
  const key = parseMessageName(name, "name");
  const user = userActedFor(principalOf(values), named, "the id of the user who reacts");
  const value = create(ChangeReactionSchema, { name, emoji, user, remove });
  await checkSees(facts, standingOf(values), key);
  return (await mutations.apply({ case: "changeReaction", value }, name, signal)).value as Message;
}
