import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TcpProxy } from "./tcp-proxy.ts";

let proxy: TcpProxy;
let server: ReturnType<typeof createServer>;
const received: string[] = [];

/** A server that answers everything with its name and what it got. */
async function listen(name: string): Promise<ReturnType<typeof createServer>> {
  const listener = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .on("data", (bytes) => {
        received.push(bytes.toString());
        socket.write(`${name} got ${bytes}`);
      });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return listener;
}

const portOf = (listener: typeof server) => (listener.address() as AddressInfo).port;

function dial(): Socket {
  return connect(proxy.port, "127.0.0.1").on("error", () => undefined);
}

/** Resolves once a socket is closed, also where that was by a reset. */
function closed(client: Socket): Promise<string> {
  return new Promise((resolve) => client.on("close", () => resolve("closed")));
}

function ask(client: Socket, text: string): Promise<string> {
  const answer = new Promise<string>((resolve) => client.once("data", (bytes) => resolve(String(bytes))));
  client.write(text);
  return Promise.race([answer, closed(client)]);
}

beforeEach(async () => {
  received.length = 0;
  server = await listen("A");
  proxy = await TcpProxy.open(portOf(server));
});

afterEach(async () => {
  await proxy.close();
  server.close();
});

test("bytes go both ways", async () => {
  expect(await ask(dial(), "x")).toBe("A got x");
});

test("a cut ends open connections and no others", async () => {
  const client = dial();
  await ask(client, "x");
  const ended = closed(client);
  proxy.cut();
  await ended;
  expect(await ask(dial(), "y")).toBe("A got y");
});

test("refused connections end", async () => {
  proxy.refuse(true);
  expect(await ask(dial(), "x")).toBe("closed");
  proxy.refuse(false);
  expect(await ask(dial(), "x")).toBe("A got x");
});

test("dropped answers are lost, and their connections end when answers pass again", async () => {
  const client = dial();
  await ask(client, "x");
  proxy.dropAnswers();
  const answer = ask(client, "y");
  await expect.poll(() => received).toContain("y");
  proxy.passAnswers();
  expect(await answer).toBe("closed");
});

test("an answer can be replaced by a cut", async () => {
  proxy.ambush({ isAwaited: (bytes) => bytes.includes("COMMIT"), meet: () => "cut" });
  const client = dial();
  expect(await ask(client, "x")).toBe("A got x");
  expect(await ask(client, "COMMIT")).toBe("closed");
  expect(received).toContain("COMMIT");
});

test("requests that are held come late, in their order", async () => {
  const client = dial();
  await ask(client, "x");
  proxy.holdRequests();
  client.write("y");
  const answer = ask(client, "z");
  const other = dial();
  other.write("w");
  await new Promise((resolve) => setImmediate(resolve));
  expect(received).toEqual(["x"]);
  proxy.passRequests();
  expect(await answer).toMatch(/^A got y/);
});

test("another target gets the connections that come", async () => {
  const other = await listen("B");
  const client = dial();
  await ask(client, "x");
  const ended = closed(client);
  proxy.retarget(portOf(other));
  await ended;
  expect(await ask(dial(), "y")).toBe("B got y");
  other.close();
});
