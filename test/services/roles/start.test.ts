import { expect, onTestFinished, test } from "vitest";
import { launchRole } from "../../production/launched-role.ts";
import type { Environment } from "../../production/role-processes.ts";
import { freePort } from "../../servers/free-port.ts";
import { type OptionsByKind, startServer } from "../../servers/real-server.ts";
import { describeOnAll, describeWithOwn } from "../../servers/shared-server.ts";
import { executeOn } from "../mysql-test-database.ts";
import { getPrivate, installationOn, startRole } from "./role-scene.ts";

const MIB = 1_048_576;

/** Starts a process that must end by itself with 1; resolves with the one line that it says of that. */
async function fail(role: string, environment: Environment): Promise<string> {
  const { ended, output } = launchRole(role, { GRPC_PORT: "0", ...environment });
  expect(await ended, output.stdout).toBe(1);
  expect(output.stderr).toMatch(/^Parley cannot start: /);
  expect(output.stderr).not.toContain("    at ");
  return output.stderr;
}

/** The address of a server of the test's own. */
async function own<K extends "redis" | "nats">(kind: K, options: OptionsByKind[K]): Promise<string> {
  const server = await startServer(kind, options);
  onTestFinished(() => server.stop());
  return server.url;
}

describeOnAll("a role does not start", (addresses) => {
  test.each(["api", "writer", "indexer", "scheduler"])("as %s on a database without its tables", async (role) => {
    const environment = await installationOn(addresses);
    await executeOn(environment.MYSQL_URL!, "DROP TABLE messages, migrations");
    expect(await fail(role, environment)).toContain("npm run migrate");
  });

  test.each(["api", "writer", "scheduler"])("as %s without NATS", async (role) => {
    const NATS_URL = `nats://127.0.0.1:${await freePort()}`;
    expect(await fail(role, { ...(await installationOn(addresses)), NATS_URL })).toContain("NATS_URL 127.0.0.1:");
  });

  test("where a request may be too large for a message of NATS", async () => {
    const environment = { ...(await installationOn(addresses)), REQUEST_MAX_BYTES: String(MIB) };
    expect(await fail("api", environment)).toMatch(/REQUEST_MAX_BYTES is 1048576, but .* it may be \d+ at most/);
  });
});

describeWithOwn(["redis", "nats"], "a role does not start", () => {
  describeOnAll("on servers that are not set up for it", (addresses) => {
    test.each(["api", "writer", "scheduler"])("as %s on a Redis that evicts", async (role) => {
      const REDIS_URL = await own("redis", { settings: ["maxmemory-policy allkeys-lru"] });
      expect(await fail(role, { ...(await installationOn(addresses)), REDIS_URL })).toContain(
        "Redis has maxmemory-policy allkeys-lru, so that it may forget numbers; set it to noeviction",
      );
    });

    test("where NATS has no room for QUEUE_BYTES_MAX", async () => {
      const { NATS_MONITOR_URL: _, ...environment } = await installationOn(addresses);
      const NATS_URL = await own("nats", { maxFileStore: 128 * MIB });
      const stderr = await fail("writer", { ...environment, NATS_URL, QUEUE_BYTES_MAX: String(256 * MIB) });
      expect(stderr).toContain("raise max_file_store of the server, or lower QUEUE_BYTES_MAX");
    });
  });
});

describeOnAll("a role starts", (addresses) => {
  test.each(["REDIS_URL", "ELASTICSEARCH_URL"])("while the server at %s is away, and says so", async (variable) => {
    const scheme = variable === "REDIS_URL" ? "redis" : "http";
    const environment = {
      ...(await installationOn(addresses)),
      [variable]: `${scheme}://127.0.0.1:${await freePort()}`,
    };
    const { line } = await startRole("api", environment);
    const { status, body } = await getPrivate(line, "/readyz");
    expect(status).toBe(variable === "REDIS_URL" ? 503 : 200);
    expect(JSON.parse(body)).toMatchObject({
      dependencies: { [scheme === "redis" ? "redis" : "elasticsearch"]: "down" },
    });
  });
});
