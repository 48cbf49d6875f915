import { create } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { readDescriptorSet } from "../../../../edge/docs/index.ts";
import { readComments } from "../../../../edge/docs/schema/proto-comments.ts";
import { contractServices } from "../contract.ts";

const comments = readComments(await readDescriptorSet());

test("comments of every kind of declaration are found by its full name", () => {
  expect(comments.get("parley.v1.ChatService")).toBe("Chats: numbered conversations in an application.");
  expect(comments.get("parley.v1.ChatService.GetChat")).toBe("Returns a chat.");
  expect(comments.get("parley.v1.Chat")).toMatch(/^A numbered conversation/);
  expect(comments.get("parley.v1.Chat.number")).toBe("Output only. The number at the end of `name`.");
  expect(comments.get("parley.v1.Chat.Kind")).toBe("What a chat is for.");
  expect(comments.get("parley.v1.Chat.Kind.KIND_OPEN")).toMatch(/^The application's backend/);
  expect(comments.get("parley.v1.ListMessagesRequest.position")).toMatch(/^Optional. Where to begin/);
  expect(comments.get("parley.v1.ErrorReason.ERROR_REASON_INTERNAL")).toMatch(/^INTERNAL\. /);
});

test("the generated set is current: every declaration that the services use has its comment", () => {
  const names = contractServices.flatMap((service) => [
    service.typeName,
    ...service.methods.flatMap(({ name, input, output }) => [
      `${service.typeName}.${name}`,
      ...[input, output].filter(({ typeName }) => typeName.startsWith("parley.")).flatMap(declarationsOf),
    ]),
  ]);
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => !comments.has(name))).toEqual([]);
});

type Message = (typeof contractServices)[number]["methods"][number]["input"];

function declarationsOf(message: Message): string[] {
  const within = [...nestedTypes(message)].flatMap((type) =>
    type.kind === "enum" ? [type.typeName, ...type.values.map(({ name }) => `${type.typeName}.${name}`)] : [],
  );
  return [message.typeName, ...message.fields.map(({ name }) => `${message.typeName}.${name}`), ...within];
}

function commentOf(leadingComments: string): string | undefined {
  const file = {
    name: "a.proto",
    package: "a",
    messageType: [{ name: "A" }],
    sourceCodeInfo: { location: [{ path: [4, 0], leadingComments }] },
  };
  return readComments(create(FileDescriptorSetSchema, { file: [file] })).get("a.A");
}

test.each([
  [" One line.\n", "One line."],
  [" Wrapped\n here.\n", "Wrapped here."],
  [" One.\n\n Two.\n", "One.\n\nTwo."],
  [" A list:\n - one\n - two\n", "A list:\n- one\n- two"],
  ["\n", undefined],
])("%j reads as %j", (comment, text) => {
  expect(commentOf(comment)).toBe(text);
});

test.each([
  ["an option", [4, 0, 7]],
  ["a field's type", [4, 0, 2, 0, 5]],
  ["a declaration that is not there", [4, 9]],
  ["the package", [2]],
])("a comment on %s is no declaration's", (_what, path) => {
  const location = [{ path, leadingComments: " No.\n" }];
  const file = [{ name: "a.proto", package: "a", messageType: [{ name: "A" }], sourceCodeInfo: { location } }];
  expect([...readComments(create(FileDescriptorSetSchema, { file }))]).toEqual([]);
});
