import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { create, createFileRegistry, fromBinary, getOption, type MessageInitShape } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { http } from "../../../gen/google/api/annotations_pb.ts";
import { ServerReflection, type ServerReflectionRequestSchema } from "../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as AlphaReflection } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { createGrpcReflection, createGrpcReflectionAlpha } from "../../../services/rpc/grpc-reflection.ts";
import type { RpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { startProbe } from "./probe-server.ts";

type Question = MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"];

function add(registry: RpcRegistry): void {
  registry.add(ChatService, {});
  registry.add(ServerReflection, createGrpcReflection(registry));
  registry.add(AlphaReflection, createGrpcReflectionAlpha(registry));
}

const names = [
  "parley.test.v1.ProbeService",
  "parley.v1.ChatService",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

async function ask(...questions: Question[]) {
  const { client } = await startProbe({}, { add });
  const requests = questions.map((messageRequest) => ({ host: "h", messageRequest }));
  const { messages } = await client.call(ServerReflection.method.serverReflectionInfo, requests);
  return messages.map(({ messageResponse }) => messageResponse);
}

/** The files of an answer, the one asked for first. */
function filesOf(answer: Awaited<ReturnType<typeof ask>>[number] | undefined) {
  if (answer?.case !== "fileDescriptorResponse") throw new Error(`${answer?.case} is no file`);
  return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

/** In the order that a FileDescriptorSet has. */
function importsFirst(files: FileDescriptorProto[]): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto) => {
    for (const each of files) if (file.dependency.includes(each.name)) visit(each);
    ordered.add(file);
  };
  files.forEach(visit);
  return [...ordered];
}

test("lists the services, its own too", async () => {
  const [answer] = await ask({ case: "listServices", value: "*" });
  expect(answer?.case === "listServicesResponse" && answer.value.service.map(({ name }) => name)).toEqual(names);
});

test("v1alpha answers the same, with the request it answers", async () => {
  const { client } = await startProbe({}, { add });
  const request = { host: "h", messageRequest: { case: "listServices" as const, value: "" } };
  const { messages } = await client.call(AlphaReflection.method.serverReflectionInfo, [request]);
  expect(messages[0]).toMatchObject({ validHost: "h", originalRequest: request });
  expect(messages[0]?.messageResponse.case).toBe("listServicesResponse");
});

describe("a file", () => {
  test.each([
    ["its name", { case: "fileByFilename", value: "parley/v1/chat_service.proto" }, "parley/v1/chat_service.proto"],
    ["a service", { case: "fileContainingSymbol", value: "parley.v1.ChatService" }, "parley/v1/chat_service.proto"],
    [
      "a method",
      { case: "fileContainingSymbol", value: "parley.v1.ChatService.GetChat" },
      "parley/v1/chat_service.proto",
    ],
    ["a message", { case: "fileContainingSymbol", value: "parley.v1.Chat" }, "parley/v1/chat.proto"],
    ["a field", { case: "fileContainingSymbol", value: "parley.v1.Chat.name" }, "parley/v1/chat.proto"],
    [
      "an enum value",
      { case: "fileContainingSymbol", value: "google.api.REQUIRED" },
      "google/api/field_behavior.proto",
    ],
    ["an extension's name", { case: "fileContainingSymbol", value: "google.api.http" }, "google/api/annotations.proto"],
    [
      "an extension's number",
      {
        case: "fileContainingExtension",
        value: { containingType: "google.protobuf.MethodOptions", extensionNumber: 72295728 },
      },
      "google/api/annotations.proto",
    ],
  ] satisfies [string, Question, string][])("is found by %s", async (_, question, expected) => {
    expect(filesOf((await ask(question))[0])[0]?.name).toBe(expected);
  });

  test("comes with all its imports, each once, and its custom options", async () => {
    const [answer] = await ask({ case: "fileContainingSymbol", value: "parley.v1.ChatService" });
    const files = filesOf(answer);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    for (const { dependency } of files) {
      for (const name of dependency) expect(files.map((file) => file.name)).toContain(name);
    }
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
    const method = registry.getService("parley.v1.ChatService")?.method.getChat;
    expect(getOption(method!, http)).toEqual(getOption(ChatService.method.getChat, http));
  });
});

test("lists the extensions of a type", async () => {
  const [options, chat] = await ask(
    { case: "allExtensionNumbersOfType", value: "google.protobuf.MethodOptions" },
    { case: "allExtensionNumbersOfType", value: "parley.v1.Chat" },
  );
  expect(options?.case === "allExtensionNumbersResponse" && options.value.extensionNumber).toContain(72295728);
  expect(chat).toMatchObject({ value: { baseTypeName: "parley.v1.Chat", extensionNumber: [] } });
});

test("what is unknown is an error_response, and the stream goes on", async () => {
  const answers = await ask(
    { case: "fileByFilename", value: "no.proto" },
    { case: "fileContainingSymbol", value: "no.Symbol" },
    { case: "fileContainingExtension", value: { containingType: "parley.v1.Chat", extensionNumber: 1 } },
    { case: "allExtensionNumbersOfType", value: "no.Type" },
    undefined,
    { case: "listServices", value: "" },
  );
  const codes = answers.map(({ case: kind, value }) => (kind === "errorResponse" ? value.errorCode : kind));
  expect(codes).toEqual([5, 5, 5, 5, 3, "listServicesResponse"]);
});

const grpcurlMissing = spawnSync("grpcurl", ["-version"]).error !== undefined;

test.skipIf(grpcurlMissing)("grpcurl lists, describes with options, and calls (skipped without grpcurl)", async () => {
  const { port } = await startProbe({ ask: ({ text }) => ({ text: `re: ${text}` }) }, { add });
  const run = promisify(execFile);
  const grpcurl = async (before: string[], ...after: string[]) =>
    (await run("grpcurl", ["-plaintext", ...before, `127.0.0.1:${port}`, ...after])).stdout;
  expect((await grpcurl([], "list")).trim().split("\n")).toEqual(names.toSorted());
  expect(await grpcurl([], "describe", "parley.v1.ChatService")).toContain('get: "/v1/{name=applications/*/chats/*}"');
  expect(await grpcurl([], "describe", "parley.v1.Chat")).toContain("message Chat {");
  const answer = await grpcurl(["-d", '{"text":"a"}'], "parley.test.v1.ProbeService/Ask");
  expect(JSON.parse(answer)).toEqual({ text: "re: a" });
});
