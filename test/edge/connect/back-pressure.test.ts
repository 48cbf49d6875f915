import { connect, type Socket } from "node:net";
import { Code, createClient } from "@connectrpc/connect";
import { expect, onTestFinished, test, vi } from "vitest";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import { BEHIND, openEdgeTo, openTransport } from "./edge-to-handlers.ts";
import { envelope } from "./raw-exchange.ts";

/** Of 64 KiB each: together far more than sockets and streams hold. */
const ANSWERS = 600;
/** Of 1 KiB each. */
const REQUESTS = 16_000;

/** Long enough for whatever is not held back to run: every call passes the edge and its event loop many times. */
async function callOften(address: string): Promise<void> {
  const client = createClient(KitchenService, openTransport("Connect", address));
  for (let call = 0; call < 50; call++) await client.getMenu({});
}

/** A caller who asks for dishes and reads none of the answer. */
function askWithoutReading(address: string, type: string): Socket {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const body = envelope("");
  const head = `POST /kitchen.v1.StreamService/WatchDishes HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n`;
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
  return socket.pause();
}

const TYPES = ["application/connect+proto", "application/grpc-web+proto"];

test.each(TYPES)("a caller that does not read holds the service back: %s", async (type) => {
  let made = 0;
  const { address } = await openEdgeTo({
    kitchen: { getMenu: () => ({}) },
    stream: {
      async *watchDishes() {
        for (; made < ANSWERS; made++) yield { name: "x".repeat(65_536) };
      },
    },
  });
  const socket = askWithoutReading(address, type);
  await vi.waitFor(() => expect(made).toBeGreaterThan(0));
  await callOften(address);
  expect(made).toBeLessThan(ANSWERS / 2);
  socket.resume();
  await vi.waitFor(() => expect(made).toBe(ANSWERS), 15_000);
});

const WAYS = BEHIND.flatMap((behind) => TYPES.map((type) => [behind, type] as const));

test.each(WAYS)("a caller that does not read, and goes: %s, %s", async (behind, type) => {
  const logged = vi.spyOn(console, "error");
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let made = 0;
  const { address, calls, faults } = await openEdgeTo(
    {
      kitchen: { getMenu: () => ({}) },
      stream: {
        async *watchDishes() {
          try {
            for (;;) yield { price: BigInt(++made), name: "x".repeat(65_536) };
          } finally {
            end();
          }
        },
      },
    },
    behind,
  );
  const socket = askWithoutReading(address, type);
  await vi.waitFor(() => expect(made).toBeGreaterThan(0));
  await callOften(address);
  socket.resetAndDestroy();
  await ended;
  await vi.waitFor(() => expect(calls.at(-1)?.method).toBe("/kitchen.v1.StreamService/WatchDishes"));
  expect(calls.at(-1)!.code).toBe(Code.Canceled);
  expect(faults).toEqual([]);
  expect(logged).not.toHaveBeenCalled();
});

test.each(BEHIND)("a service that does not read holds its caller back: %s", async (behind) => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let sent = 0;
  let received = 0;
  const { address } = await openEdgeTo(
    {
      kitchen: { getMenu: () => ({}) },
      stream: {
        async uploadDishes(requests) {
          for await (const _ of requests) {
            received++;
            await opened;
          }
          return {};
        },
      },
    },
    behind,
  );
  async function* upload() {
    for (; sent < REQUESTS; sent++) yield { parent: "x".repeat(1_024) };
  }
  const client = createClient(StreamService, openTransport("Connect", address));
  const uploaded = client.uploadDishes(upload());
  await vi.waitFor(() => expect(received).toBe(1));
  await callOften(address);
  expect(received).toBe(1);
  expect(sent).toBeLessThan(REQUESTS / 2);
  open();
  await uploaded;
  expect(received).toBe(REQUESTS);
});
