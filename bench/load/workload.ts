import { create } from "@bufbuild/protobuf";
import {
  Author_Type,
  AuthorSchema,
  type CreateMessageRequest,
  CreateMessageRequestSchema,
  type Message,
  MessageSchema,
} from "../../gen/parley/v1/message_pb.ts";
import { timestampFromMillis } from "../../services/aip/timestamp.ts";

/** Of usual length: a sentence or two. */
export const BODY =
  "Could somebody look at the delivery of yesterday evening? Two of the boxes are still missing, and the third is damp.";
export const AUTHOR = { user: "ada.lovelace", displayName: "Ada Lovelace" };

/** The request that every case sends to create a message. */
export function createRequest(parent: string): CreateMessageRequest {
  const message = create(MessageSchema, {
    content: { case: "body", value: BODY },
    author: create(AuthorSchema, AUTHOR),
  });
  return create(CreateMessageRequestSchema, { parent, message });
}

/** The same of a user, who is the author by its token. */
export function userRequest(parent: string): CreateMessageRequest {
  const message = create(MessageSchema, { content: { case: "body", value: BODY } });
  return create(CreateMessageRequestSchema, { parent, message });
}

/** A message of the size that is answered to it. */
export function createdMessage(parent: string, number = 123_456): Message {
  const time = timestampFromMillis(1_790_000_000_123);
  return create(MessageSchema, {
    name: `${parent}/messages/${number}`,
    number,
    content: { case: "body", value: BODY },
    author: create(AuthorSchema, { ...AUTHOR, type: Author_Type.BACKEND }),
    createTime: time,
    updateTime: time,
    etag: '"1-1790000000123"',
  });
}
