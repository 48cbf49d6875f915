import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { UnsentBytes } from "../../edge/server/unsent-bytes.ts";
import { startEdgeBefore } from "../edge-in-process.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { startChatServer } from "./upstream/chat-server.ts";

async function openEdge(addresses: string, environment: Record<string, string> = {}) {
  const edge = await startEdgeBefore(addresses, { PRIVATE_PORT: "0", ...environment });
  onTestFinished(() => edge.stop());
  return edge;
}

/** Status and JSON of `/readyz`. */
async function readiness(address: string): Promise<[status: number, body: unknown]> {
  const answer = await fetch(`${address}/readyz`);
  return [answer.status, await answer.json()];
}

describe("an edge of its own", () => {
  test("is ready as long as a server takes calls, and tells operators of each", async () => {
    const server = await startChatServer();
    const { address, privateAddress } = await openEdge(`${server.address}, 127.0.0.1:1`);
    const states = (state: string) => ({ "127.0.0.1:1": "away", [server.address]: state });
    await vi.waitUntil(async () => (await readiness(address))[0] === 200, { timeout: 10_000 });
    expect(await readiness(privateAddress!)).toEqual([200, { status: "ready", dependencies: states("serving") }]);
    server.health.set(false);
    await vi.waitUntil(async () => (await readiness(address))[0] === 503, { timeout: 10_000 });
    expect(await readiness(privateAddress!)).toEqual([503, { status: "not ready", dependencies: states("refusing") }]);
    expect(await readiness(address)).toEqual([503, { status: "not ready" }]);
  });

  test("answers calls that no server takes with 503 and a reason", async () => {
    const { address } = await openEdge("127.0.0.1:1");
    const answer = await fetch(`${address}/v1/applications`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { details: [{ reason: "SERVICE_UNAVAILABLE" }] } });
  });

  test("has the docs, which need no server, and metrics of its own", async () => {
    const { address, privateAddress } = await openEdge("127.0.0.1:1", { METRICS: "private" });
    expect((await fetch(`${address}/docs`)).status).toBe(200);
    expect(await (await fetch(`${privateAddress}/metrics`)).text()).toContain("parley_retries_total 0");
  });

  test("finishes what is under way when it is stopped", async () => {
    const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<object>()];
    const server = await startChatServer({
      handle() {
        begun.resolve();
        return release.promise;
      },
    });
    const edge = await startEdgeBefore(server.address);
    const call = fetch(`${edge.address}/v1/applications/a/chats/1`);
    await begun.promise;
    const stopped = edge.stop();
    expect(edge.ready()).toBe(false);
    release.resolve({});
    expect((await call).status).toBe(200);
    await stopped;
  });

  test("leaves no connection to a server, also where its own port cannot be closed", async () => {
    const server = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    const connected = once(server, "connection") as Promise<[Socket]>;
    await once(server, "listening");
    const edge = await startEdgeBefore(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [connection] = await connected;
    vi.spyOn(UnsentBytes.prototype, "close").mockImplementationOnce(() => {
      throw new Error("cannot be closed");
    });
    const gone = once(connection, "close", { signal: AbortSignal.timeout(3_000) });
    await expect(edge.stop()).rejects.toThrow("cannot be closed");
    await gone;
  });
});

describe("an edge is not started", () => {
  test("without servers", async () => {
    await expect(startEdgeBefore("")).rejects.toThrow("API_ADDRESSES is not set: the edge needs it");
  });

  test("on a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const PORT = String((other.address() as { port: number }).port);
    await expect(startEdgeBefore("127.0.0.1:1", { PORT })).rejects.toThrow(`PORT ${PORT} of HOST 127.0.0.1 cannot`);
  });

  test("with an authority that cannot be read, or is none", async () => {
    const folder = await temporaryFolder();
    const API_TLS_CA_FILE = join(folder, "ca.pem");
    const start = () => startEdgeBefore("127.0.0.1:1", { API_TLS_CA_FILE });
    await expect(start()).rejects.toThrow(`API_TLS_CA_FILE ${API_TLS_CA_FILE} cannot be read`);
    await writeFile(API_TLS_CA_FILE, "no certificate");
    await expect(start()).rejects.toThrow(`API_TLS_CA_FILE ${API_TLS_CA_FILE} is not a certificate in PEM`);
  });
});
