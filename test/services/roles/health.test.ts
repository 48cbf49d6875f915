import { describe, expect, onTestFinished, test } from "vitest";
import { TcpProxy } from "../../faults/tcp-proxy.ts";
import type { Environment } from "../../production/role-processes.ts";
import { SERVER_KINDS, SERVER_PROFILES, type ServerKind } from "../../servers/server-profiles.ts";
import { describeOnAll } from "../../servers/shared-server.ts";
import { getPrivate, installationFor, startRole } from "./role-scene.ts";

/** How long a state may take to be told. */
const PATIENCE = { timeout: 60_000 };

/** The servers that a role works with, and whether it can do nothing of its work without them; and its own metrics. */
type Expected = { role: string; servers: Partial<Record<ServerKind, boolean>>; metrics: string[] };

const ROLES: readonly Expected[] = [
  {
    role: "api",
    servers: { mysql: false, redis: false, nats: true, elasticsearch: false },
    metrics: ["parley_requests_total", "parley_group_messages", "parley_pending_writes"],
  },
  {
    role: "writer",
    servers: { mysql: true, redis: true, nats: true },
    metrics: ["parley_queue_records", "parley_queue_bytes", "parley_dead_letters_total"],
  },
  { role: "indexer", servers: { mysql: true, elasticsearch: true }, metrics: ["parley_index_lag_records"] },
  { role: "scheduler", servers: { mysql: true, redis: false, nats: false, elasticsearch: false }, metrics: [] },
];

/** The settings of an installation, led to its servers through proxies. */
async function throughProxies(direct: Environment) {
  const environment = { ...direct };
  const proxies = {} as Record<ServerKind, TcpProxy>;
  for (const kind of SERVER_KINDS) {
    const { variable } = SERVER_PROFILES[kind];
    const url = new URL(direct[variable]!);
    const proxy = await TcpProxy.open(Number(url.port));
    onTestFinished(() => proxy.close());
    environment[variable] = direct[variable]!.replace(url.host, `127.0.0.1:${proxy.port}`);
    proxies[kind] = proxy;
  }
  return { environment, proxies };
}

async function startBehindProxies(role: string, direct: Environment) {
  const { environment, proxies } = await throughProxies(direct);
  return { ...(await startRole(role, environment)), proxies };
}

describeOnAll("as a process", (addresses) => {
  const environment = installationFor(addresses);

  describe.each(ROLES)("the role $role", ({ role, servers, metrics }) => {
    const kinds = Object.keys(servers) as ServerKind[];
    const statesBut = (down?: ServerKind) => kinds.map((kind) => [kind, kind === down ? "down" : "up"]);

    test("says where it is, is not ready without a server that it needs, and again when that is back", async () => {
      const { line, child, ended, proxies } = await startBehindProxies(role, environment);
      expect(line).toMatchObject({ role, privateAddress: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
      if (role === "api") expect(line.grpcAddress).toMatch(/^127\.0\.0\.1:\d+$/);
      const readiness = async () => {
        const { status, body } = await getPrivate(line, "/readyz");
        return [status, Object.entries((JSON.parse(body) as { dependencies: object }).dependencies)];
      };
      await expect.poll(readiness, PATIENCE).toEqual([200, statesBut()]);
      for (const kind of kinds) {
        proxies[kind].refuse(true);
        await expect.poll(readiness, PATIENCE).toEqual([servers[kind] ? 503 : 200, statesBut(kind)]);
        expect((await getPrivate(line, "/healthz")).status).toBe(200);
        proxies[kind].refuse(false);
        await expect.poll(readiness, PATIENCE).toEqual([200, statesBut()]);
      }
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    });

    test("has metrics of its process and of its work", async () => {
      const { line } = await startRole(role, environment);
      const { status, body, type } = await getPrivate(line, "/metrics");
      expect(status).toBe(200);
      expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
      for (const name of ["nodejs_eventloop_lag_seconds", "process_cpu_seconds_total", ...metrics]) {
        expect(body, name).toContain(`# HELP ${name} `);
      }
      const gauges = ROLES.flatMap((each) => each.metrics).filter((name) => /records|bytes|pending/.test(name));
      for (const name of gauges) expect(body.includes(`# HELP ${name} `), name).toBe(metrics.includes(name));
    });
  });
});
