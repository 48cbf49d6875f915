import { connect, type Socket } from "node:net";
import { Code } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openEdgeTo } from "./edge-to-handlers.ts";

const UNARY = "/kitchen.v1.KitchenService/GetMenu";
const UPLOAD = "/kitchen.v1.StreamService/UploadDishes";
const WAYS = [
  { name: "Connect", path: UNARY, type: "application/json", status: 429 },
  { name: "gRPC-Web", path: UNARY, type: "application/grpc-web+proto", status: 200 },
  { name: "a stream of Connect", path: UPLOAD, type: "application/connect+proto", status: 200 },
  { name: "a stream of gRPC-Web", path: UPLOAD, type: "application/grpc-web+proto", status: 200 },
];

/** A socket to an edge that has received a request's head. */
async function openSocket(path: string, type: string, headers = "") {
  const begun = vi.fn();
  const edge = await openEdgeTo({
    stream: {
      async uploadDishes(requests) {
        begun();
        for await (const _ of requests);
        return {};
      },
    },
  });
  const socket = connect({ port: Number(new URL(edge.address).port), host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const received = collect(socket);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${headers}\r\n`);
  return { ...edge, socket, received, begun };
}

function collect(socket: Socket): () => string {
  let all = "";
  socket.on("data", (chunk) => {
    all += chunk.toString("latin1");
  });
  return () => all;
}

describe.each(WAYS)("$name", ({ path, type, status }) => {
  test("a body far over the limit is answered while it comes, and its rest is dropped", async () => {
    const { socket, received, calls } = await openSocket(path, type, "Content-Length: 5000000\r\n");
    socket.write(Buffer.alloc(2_500_000, 0x7f));
    await vi.waitFor(() => expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} `)));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.ResourceExhausted);
    socket.write(Buffer.alloc(2_500_000, 0x7f));
    socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await vi.waitFor(() => expect(received()).toContain('{"status":"ok"}'));
  });

  test.each(["closes", "half-closes"])("a caller that %s the connection within the body has cancelled", async (how) => {
    const { socket, calls, faults, begun } = await openSocket(path, type, "Content-Length: 100\r\n");
    socket.write(Buffer.from([0, 0, 0, 0, 50, 1]));
    if (path === UPLOAD) await vi.waitFor(() => expect(begun).toHaveBeenCalled());
    if (how === "closes") socket.resetAndDestroy();
    else socket.end();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: path, code: Code.Canceled });
    expect(faults).toEqual([]);
  });
});

describe.each(WAYS.filter(({ path }) => path === UPLOAD))("$name", ({ path, type }) => {
  test("a body that never ends ends at the deadline", async () => {
    const timeout = type.includes("grpc") ? "Grpc-Timeout: 50m" : "Connect-Timeout-Ms: 50";
    const { socket, calls, received } = await openSocket(path, type, `Content-Length: 100\r\n${timeout}\r\n`);
    socket.write(Buffer.from([0, 0, 0, 0, 50, 1]));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: path, code: Code.DeadlineExceeded });
    expect(received()).toMatch(/^HTTP\/1.1 200 /);
  });
});
