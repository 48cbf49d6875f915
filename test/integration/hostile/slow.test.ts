import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { PROGRAM } from "../../parley-process.ts";
import { openByteStream } from "./byte-stream.ts";
import { END_HEADERS, END_STREAM, FRAME, frame, headerBlock, openHttp2Wire } from "./http2-wire.ts";
import { openScene, type Scene } from "./scene.ts";
import { envelopeOf, requestOfBytes } from "./wire-request.ts";

/** How much faster the server's own times for receiving pass here; 0, which is none, stays 0. */
const HASTE = 100;

/** Makes every HTTP server of the process look at its connections often, and give up on them early. */
const HURRY = `
import http from "node:http";
const { createServer } = http;
http.createServer = (options, listener) => {
  const server = createServer({ ...options, connectionsCheckingInterval: 20 }, listener);
  server.on("listening", () => {
    server.requestTimeout /= ${HASTE};
    server.headersTimeout /= ${HASTE};
  });
  return server;
};`;

const COMMAND = [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(HURRY)}`, PROGRAM];
const REQUEST_TIMEOUT_MS = 500;

let scene: Scene;
let state: Record<string, string>;

beforeAll(async () => {
  scene = await openScene({ REQUEST_TIMEOUT: `${REQUEST_TIMEOUT_MS}ms` }, COMMAND);
  state = await scene.readState();
});

afterEach(async () => {
  expect(await scene.readState()).toEqual(state);
  scene.expectNoFault();
});

afterAll(async () => {
  await scene.close();
});

/** Writes a byte at a time, faster than a connection counts as idle, until the other side has had enough. */
async function trickle(head: string, byte: string): Promise<string> {
  const stream = await openByteStream(scene.parley.address);
  stream.write(head);
  const drip = setInterval(() => stream.write(byte), 10);
  const answer = await stream.ended().finally(() => clearInterval(drip));
  return answer.toString();
}

function head(path: string, ...headers: string[]): string {
  const own = ["Host: x", `Authorization: Bearer ${scene.tenant.key}`, "Content-Type: application/json"];
  return [`POST ${path} HTTP/1.1`, ...own, ...headers, "", ""].join("\r\n");
}

describe("a request that comes a byte at a time is given up", () => {
  test.each([
    ["REST", "/v1/{chat}/messages"],
    ["REST, where no body is bound", "/v1/{chat}/nope"],
    ["Connect", "/parley.v1.MessageService/CreateMessage"],
  ])("in its body, over %s", async (_, path) => {
    const text = await trickle(head(path.replace("{chat}", scene.names.chat), "Content-Length: 20000"), " ");
    expect(text).toMatch(/^$|^HTTP\/1\.1 4\d\d /);
  });

  test("in its chunks", async () => {
    const text = await trickle(head(`/v1/${scene.names.chat}/messages`, "Transfer-Encoding: chunked"), "1\r\n \r\n");
    expect(text).toMatch(/^$|^HTTP\/1\.1 408 /);
  });

  test("in its headers", async () => {
    expect(await trickle("GET /healthz HTTP/1.1\r\nX-Slow: ", "a")).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("a call of gRPC whose message does not come", () => {
  const block = () => {
    const { httpMethod, target, headers } = requestOfBytes(
      "grpc",
      ChatService.method.getChat,
      Buffer.alloc(0),
      scene.tenant.key,
    );
    const pseudo = [
      [":method", httpMethod],
      [":scheme", "http"],
      [":path", target],
      [":authority", "x"],
    ] as const;
    return headerBlock([...pseudo, ...(Object.entries(headers) as [string, string][])]);
  };

  test.each([
    ["at all", Buffer.alloc(0)],
    ["whole", envelopeOf(Buffer.alloc(3), 0, 10)],
    ["to its end, which the caller does not say", envelopeOf(Buffer.alloc(0))],
  ])("%s, ends at its deadline", async (_, bytes) => {
    const wire = await openHttp2Wire(scene.parley.grpcAddress);
    const before = performance.now();
    wire.write(frame(FRAME.headers, END_HEADERS, 1, block()), frame(FRAME.data, 0, 1, bytes));
    const isEnd = ({ stream, flags }: { stream: number; flags: number }) => stream === 1 && (flags & END_STREAM) !== 0;
    await expect.poll(() => wire.frames().some(isEnd), { timeout: 10_000 }).toBe(true);
    expect(performance.now() - before).toBeGreaterThan(REQUEST_TIMEOUT_MS * 0.9);
    wire.destroy();
  });
});
