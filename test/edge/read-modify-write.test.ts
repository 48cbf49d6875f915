import { create, type DescMessage, type JsonObject, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ApplicationSchema } from "../../gen/parley/v1/application_pb.ts";
import { ChatSchema } from "../../gen/parley/v1/chat_pb.ts";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { PARLEY_SERVICES } from "../../services/parley-services.ts";
import { openKitchen } from "./transcode/kitchen-server.ts";

const time = timestampFromMs(1);
const application = `applications/${"a".repeat(26)}`;

const as = <Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>) =>
  toJson(desc, create(desc, init)) as JsonObject;

/** Resources as a get answers them, with everything set. */
const RESOURCES: [name: string, resource: JsonObject, changed: JsonObject, mask: string][] = [
  [
    application,
    as(ApplicationSchema, { chatsCount: 1, createTime: time, updateTime: time, etag: "e", apiKey: "k" }),
    { displayName: "new" },
    "displayName",
  ],
  [
    `${application}/chats/1`,
    as(ChatSchema, { number: 1, kind: 1, messagesCount: 2, createTime: time, lastMessageTime: time, etag: "e" }),
    { title: "new", metadata: { a: "b" } },
    "title,metadata",
  ],
  [
    `${application}/chats/1/messages/1`,
    as(MessageSchema, {
      ...{ number: 1, author: { user: "ada", type: 1 }, requestId: "r", createTime: time, updateTime: time },
      ...{ editTime: time, deleteTime: time, etag: "e" },
    }),
    { body: "new" },
    "body",
  ],
];

test.each(RESOURCES)("%s can be sent back as it was read, with changes", async (name, resource, changed, mask) => {
  const kitchen = await openKitchen(undefined, { services: PARLEY_SERVICES });
  const headers = { "content-type": "application/json" };
  const masks: unknown[] = [];
  for (const body of [
    { ...resource, name, ...changed },
    { ...resource, name },
  ]) {
    const answer = await fetch(`${kitchen.url()}/v1/${name}`, { method: "PATCH", headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    const { method, message } = kitchen.calls.pop()!;
    masks.push((toJson(method.input, message) as JsonObject).updateMask);
  }
  expect(masks).toEqual([mask, undefined]);
});
