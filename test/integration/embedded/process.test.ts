import { once } from "node:events";
import { access, readFile, stat } from "node:fs/promises";
import { Agent } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDataDir, launchParley, logLines, type ParleyProcess, startParleyProcess } from "../../parley-process.ts";
import { openTransports } from "../../protocols.ts";
import { exchange } from "../../rest-transport.ts";
import { createTenant, servicesOf } from "../../tenant.ts";

let dataDir: string;
let removeDataDir: () => Promise<void>;
const running: ParleyProcess[] = [];

beforeEach(async () => {
  ({ path: dataDir, remove: removeDataDir } = await createDataDir());
});

afterEach(async () => {
  for (const parley of running.splice(0)) await parley.end("SIGKILL");
  await removeDataDir();
});

async function start(environment: Record<string, string> = {}): Promise<ParleyProcess> {
  const parley = await startParleyProcess(dataDir, environment);
  running.push(parley);
  return parley;
}

/** Starts a process that must end by itself. */
async function fail(
  environment: Record<string, string>,
): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const { ended, output } = launchParley(environment.DATA_DIR ?? dataDir, environment);
  return { code: await ended, ...output };
}

/** Connections to addresses, over which nothing is sent. */
async function open(...addresses: string[]): Promise<Socket[]> {
  const sockets = addresses.map((address) => connect(Number(address.split(":").at(-1)), "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => undefined);
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

describe("a start", () => {
  test("takes free ports for 0, tells them, and is ready soon", async () => {
    const before = performance.now();
    const parley = await start();
    const ms = performance.now() - before;
    process.stdout.write(`ready ${Math.round(ms)} ms after the start\n`);
    expect(ms).toBeLessThan(10_000);
    const ports = [parley.address, parley.grpcAddress].map((address) =>
      Number(/^(?:http:\/\/)?127\.0\.0\.1:(\d+)$/.exec(address)?.[1]),
    );
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect(port).toBeGreaterThan(0);
    expect(logLines(parley.output).at(-1)).toMatchObject({ msg: "ready", level: "info", address: parley.address });
    const transports = openTransports(parley);
    expect((await createTenant(transports.grpc, parley.adminKey)).name).toMatch(/^applications\//);
    expect((await createTenant(transports.rest, parley.adminKey)).name).toMatch(/^applications\//);
    transports.close();
  });

  test("with wrong settings names each, shows no secret, and opens nothing", async () => {
    const absent = join(dataDir, "absent");
    const wrong = {
      ...{ PORT: "abc", GRPC_PORT: "70000", ADMIN_KEY: "short secret", LOG_LEVEL: "loud", COUNT_INTERVAL: "5" },
      ...{ LOG_PRETTY: "yes", GROUP_MESSAGES_MAX: "0", SHUTDOWN_TIMEOUT: "-1s" },
    };
    const { code, stderr, stdout } = await fail({ ...wrong, DATA_DIR: absent });
    expect(code).toBe(1);
    for (const name of Object.keys(wrong)) expect(stderr).toContain(`  ${name} is `);
    expect(stderr).not.toContain(wrong.ADMIN_KEY);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    await expect(access(absent)).rejects.toThrow("ENOENT");
  });

  test("on the data of a running process says so and leaves it alone", async () => {
    const parley = await start();
    const { code, stderr } = await fail({});
    expect(code).toBe(1);
    expect(stderr).toContain(`DATA_DIR ${dataDir} is in use by another process`);
    expect((await exchange(`${parley.address}/readyz`, { method: "GET" })).status).toBe(200);
    expect(await parley.end("SIGTERM")).toBe(0);
    await start();
  });

  test("on a port that is taken says so and leaves the data unlocked", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = String((server.address() as AddressInfo).port);
    for (const name of ["PORT", "GRPC_PORT"]) {
      const { code, stderr } = await fail({ [name]: port });
      expect(code, name).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`^Parley cannot start: ${name} ${port} of HOST 127.0.0.1 .*: listen EADDRINUSE.*\n$`),
      );
    }
    server.close();
    await start();
  });

  test("makes an admin key for its owner alone, and keeps it", async () => {
    const parley = await start();
    const path = join(dataDir, "admin-key");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o077).toBe(0);
    expect(parley.adminKey).toMatch(/^parley_[\w-]{43}$/);
    expect(parley.output.stderr + parley.output.stdout).not.toContain(parley.adminKey);
    await parley.end("SIGTERM");
    expect((await start()).adminKey).toBe(parley.adminKey);
  });

  test("takes the admin key of the setting, and writes none", async () => {
    const ADMIN_KEY = "a-key-of-the-operator";
    const parley = await start({ ADMIN_KEY });
    const { applications } = servicesOf(openTransports(parley).rest, ADMIN_KEY);
    expect((await applications.listApplications({})).applications).toEqual([]);
    await expect(access(join(dataDir, "admin-key"))).rejects.toThrow("ENOENT");
  });
});

describe("the log", () => {
  test("goes to LOG_FILE too, as JSON lines, each with time, level and message", async () => {
    const file = join(dataDir, "logs", "parley.log");
    const parley = await start({ LOG_FILE: file, LOG_LEVEL: "debug" });
    await exchange(`${parley.address}/v1/applications`, { method: "GET" });
    expect(await parley.end("SIGTERM")).toBe(0);
    const written = await readFile(file, "utf8");
    expect(written).toBe(parley.output.stdout);
    const lines = logLines(parley.output);
    expect(lines.map(({ msg }) => msg)).toEqual(["ready", "call", "stopping", "stopped"]);
    for (const { time, level } of lines) {
      expect(new Date(time as string).toISOString()).toBe(time);
      expect(["debug", "info"]).toContain(level);
    }
    expect(lines[1]).toMatchObject({
      method: "/parley.v1.ApplicationService/ListApplications",
      code: "Unauthenticated",
    });
  });

  test("is readable with LOG_PRETTY, and empty at LOG_LEVEL=silent", async () => {
    const pretty = await start({ LOG_PRETTY: "true" });
    expect(pretty.output.stdout).toMatch(/INFO.*ready/);
    await pretty.end("SIGTERM");
    expect((await start({ LOG_LEVEL: "silent" })).output.stdout).toBe("");
  });
});

describe("a stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s ends with 0 and a last line", async (signal) => {
    const parley = await start();
    expect(await parley.end(signal)).toBe(0);
    expect(logLines(parley.output).map(({ msg }) => msg)).toEqual(["ready", "stopping", "stopped"]);
  });

  test("does not wait for connections that have nothing to say", async () => {
    const parley = await start();
    const sockets = await open(parley.address, parley.grpcAddress);
    for (const socket of sockets) socket.resume();
    const agent = new Agent({ keepAlive: true });
    await exchange(`${parley.address}/healthz`, { agent, method: "GET" });
    const before = performance.now();
    expect(await parley.end("SIGTERM")).toBe(0);
    expect(performance.now() - before).toBeLessThan(10_000);
    for (const socket of sockets) socket.destroy();
    agent.destroy();
  });

  test("waits no longer than SHUTDOWN_TIMEOUT for half a request, nor for a peer that does not hang up", async () => {
    const parley = await start({ SHUTDOWN_TIMEOUT: "1s" });
    const [half, deaf] = await open(parley.address, parley.grpcAddress);
    half!.write(
      "POST /v1/applications HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    );
    await exchange(`${parley.address}/healthz`, { method: "GET" });
    expect(await parley.end("SIGTERM")).toBe(0);
    for (const socket of [half, deaf]) socket?.destroy();
  });
});
