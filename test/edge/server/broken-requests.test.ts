import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { openEdge } from "./kitchen-edge.ts";

/** Sends bytes and reads until the server hangs up. */
async function converse(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(bytes);
  return text(socket);
}

const GET = "GET /v1/sink HTTP/1.1\r\nhost: x\r\n";

describe("a request that is none is answered as REST would, and its connection ended", () => {
  test.each([
    [
      "header of too many bytes",
      `${GET}x-long: ${"x".repeat(17_000)}\r\n\r\n`,
      431,
      "RESOURCE_EXHAUSTED",
      "REQUEST_TOO_LARGE",
    ],
    [
      "too many headers",
      `${GET}${Array.from({ length: 1_500 }, (_, i) => `x-${i}: ${i}`).join("\r\n")}\r\n\r\n`,
      ...([431, "RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE"] as const),
    ],
    [
      "path of too many bytes",
      `GET /${"x".repeat(17_000)} HTTP/1.1\r\n\r\n`,
      431,
      "RESOURCE_EXHAUSTED",
      "REQUEST_TOO_LARGE",
    ],
    ["no HTTP", "\u0016\u0003\u0001\r\n\r\n", 400, "INVALID_ARGUMENT", "MALFORMED_REQUEST"],
    [
      "two lengths",
      `POST /v1/sink HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n`,
      400,
      "INVALID_ARGUMENT",
      "MALFORMED_REQUEST",
    ],
  ])("%s", async (_name, bytes, status, code, reason) => {
    const { port } = await openEdge();
    const [head, body] = (await converse(port, bytes)).split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain("content-type: application/json; charset=utf-8");
    const { error } = JSON.parse(body!) as { error: { message: string; details: unknown[] } };
    expect(error).toMatchObject({ code: status, status: code });
    expect(error.message).not.toBe("");
    expect(error.details).toEqual([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "parley" }]);
  });

  test("headers under the limit are none of it", async () => {
    const { port } = await openEdge();
    const answer = await converse(port, `${GET}connection: close\r\nx-long: ${"x".repeat(15_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });
});

test("a request that does not arrive in time is 408", async () => {
  const { port } = await openEdge({ limits: { headersTimeoutMs: 20, receiveTimeoutMs: 20, lookIntervalMs: 10 } });
  for (const bytes of [GET, `${GET}content-length: 9\r\n\r\n{`]) {
    const [head, body] = (await converse(port, bytes)).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1.1 408 /);
    expect(JSON.parse(body!)).toMatchObject({ error: { code: 408, status: "DEADLINE_EXCEEDED" } });
  }
});

test("nothing is written into an answer that has begun", async () => {
  // The answer proper comes too late.
  const { app, port } = await openEdge({ onError: () => {} });
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  app.server.prependListener("request", (_request, response) => {
    response.flushHeaders();
    begin();
  });
  const answer = converse(port, `${GET}transfer-encoding: chunked\r\n\r\nx\r\n\r\n`);
  await begun;
  expect((await answer).match(/HTTP\/1\.1/g)).toHaveLength(1);
});
