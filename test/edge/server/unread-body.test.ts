import { connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { openEdgeTo } from "../connect/edge-to-handlers.ts";

test("a stream over REST that is answered before its end: the rest is dropped and the connection kept", async () => {
  const { address } = await openEdgeTo({
    stream: {
      async uploadDishes(requests) {
        for await (const _ of requests);
        return {};
      },
    },
  });
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  const half = '{"price": "none"}\n'.repeat(50_000);
  const type = "Content-Type: application/x-ndjson";
  socket.write(`POST /v1/menus/1/dishes:upload HTTP/1.1\r\nHost: x\r\n${type}\r\n`);
  socket.write(`Content-Length: ${2 * half.length}\r\n\r\n${half}`);
  await vi.waitFor(() => expect(received).toMatch(/^HTTP\/1.1 400 /));
  socket.write(`${half}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
  await vi.waitFor(() => expect(received).toContain('{"status":"ok"}'));
});
