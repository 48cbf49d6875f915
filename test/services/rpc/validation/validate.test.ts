import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { CreateChatRequestSchema } from "../../../../gen/parley/v1/chat_pb.ts";
import { ChatService } from "../../../../gen/parley/v1/chat_service_pb.ts";
import { CreateMessageRequestSchema } from "../../../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../../../gen/parley/v1/message_service_pb.ts";
import { validate } from "../../../../services/rpc/validation/validate.ts";
import { failureOf } from "../../../failure.ts";

const VALID = create(CreateChatRequestSchema, { parent: "applications/0123456789abcdefghjkmnpqrs", chat: {} });
const INVALID = create(CreateChatRequestSchema, { ...VALID, requestId: "no UUID" });

test("each message of a stream is checked, those before a wrong one come through", async () => {
  async function* messages() {
    yield VALID;
    yield INVALID;
  }
  const seen: unknown[] = [];
  const handle = validate()(async (request) => {
    for await (const message of request.message as AsyncIterable<unknown>) seen.push(message);
    return {} as never;
  });
  const request = { stream: true, method: ChatService.method.createChat, message: messages() };
  const failure = await failureOf(handle(request as never));
  expect(failure).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining("request_id") });
  expect(seen).toEqual([VALID]);
});

test.each([
  ["", "message.body: must not be empty"],
  [" ", "message.body: must have a visible character"],
])("a body of %j is told once what it lacks", async (value, message) => {
  const request = create(CreateMessageRequestSchema, { message: { content: { case: "body", value } } });
  const next = validate()(async () => ({}) as never);
  const handle = async (call: never) => next(call);
  const call = { stream: false, method: MessageService.method.createMessage, message: request };
  expect(await failureOf(handle(call as never))).toMatchObject({ code: "InvalidArgument", message });
});
