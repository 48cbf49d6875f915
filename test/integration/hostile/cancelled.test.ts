import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CreateMessageRequestSchema } from "../../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { bodyOf, text } from "../../message-text.ts";
import { openByteStream } from "./byte-stream.ts";
import { CHATS, openScene, type Scene } from "./scene.ts";
import { requestOf } from "./wire-request.ts";

const CALLS = 200;

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(async () => {
  scene.expectNoFault();
  await scene.close();
});

const { createMessage } = MessageService.method;

/** What is stored in a chat of its own, once nothing waits any more. */
async function settle(parent: string): Promise<number[]> {
  const metric = async (name: string) => {
    const answer = await fetch(`${scene.parley.address}/metrics`);
    return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await answer.text())?.[1]);
  };
  await expect.poll(() => metric("parley_pending_writes")).toBe(0);
  await expect.poll(() => metric("parley_queue_records")).toBe(0);
  const { messages } = await scene.tenant.messages.listMessages({ parent, pageSize: 500 });
  for (const message of messages) expect(bodyOf(message)).toBe("given up");
  return messages.map(({ number }) => number).reverse();
}

/** Each call was done wholly or not at all, and the numbers go on behind. */
async function expectWhole(parent: string): Promise<void> {
  const numbers = await settle(parent);
  expect(numbers.length).toBeLessThanOrEqual(CALLS);
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  const next = await scene.tenant.messages.createMessage({ parent, message: text("after") });
  expect(next.number).toBeGreaterThan(numbers.at(-1) ?? 0);
  expect(next.number).toBeLessThanOrEqual(CALLS + 1);
}

async function createChat(): Promise<string> {
  const { name, number } = await scene.tenant.chats.createChat({ parent: scene.tenant.name, chat: {} });
  expect(number).toBeGreaterThan(CHATS);
  return name;
}

describe("calls that are given up under way are done or not done", () => {
  test("over gRPC", async () => {
    const parent = await createChat();
    const client = new Client(scene.parley.grpcAddress, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${scene.tenant.key}`);
    const bytes = Buffer.from(
      toBinary(createMessage.input, create(CreateMessageRequestSchema, { parent, message: text("given up") })),
    );
    const asIs = (message: Buffer) => message;
    const path = "/parley.v1.MessageService/CreateMessage";
    const codes = await Promise.all(
      Array.from(
        { length: CALLS },
        (_, index) =>
          new Promise<number>((resolve) => {
            const call = client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, {}, (error) =>
              resolve(error?.code ?? status.OK),
            );
            setTimeout(() => call.cancel(), index % 20);
          }),
      ),
    );
    client.close();
    expect(new Set(codes)).toContain(status.CANCELLED);
    for (const code of codes) expect([status.CANCELLED, status.OK]).toContain(code);
    await expectWhole(parent);
  });

  test.each(["rest", "connect+json", "grpc-web"] as const)("over %s, by closing the connection", async (way) => {
    const parent = await createChat();
    const message = create(createMessage.input, { parent, message: text("given up") });
    const { httpMethod, target, headers, body } = requestOf(way, createMessage, message, scene.tenant.key);
    const lines = Object.entries({ host: "x", ...headers, "content-length": String(body!.length) });
    const head = [`${httpMethod} ${target} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), "", ""];
    await Promise.all(
      Array.from({ length: CALLS }, async (_, index) => {
        const stream = await openByteStream(scene.parley.address);
        stream.write(Buffer.concat([Buffer.from(head.join("\r\n")), body!]));
        await new Promise((resolve) => setTimeout(resolve, index % 20));
        stream.destroy();
      }),
    );
    await expectWhole(parent);
  });

  test("with a deadline that ends under way, over gRPC", async () => {
    const parent = await createChat();
    const { messages } = scene.tenant;
    const calls = Array.from({ length: CALLS }, (_, index) =>
      messages.createMessage({ parent, message: text("given up") }, { timeoutMs: 1 + (index % 20) }),
    );
    await Promise.allSettled(calls);
    await expectWhole(parent);
  });
});
