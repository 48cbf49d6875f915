import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { launchRole } from "../../production/launched-role.ts";
import type { Environment } from "../../production/role-processes.ts";
import { freePort } from "../../servers/free-port.ts";
import { type OptionsByKind, startServer } from "../../servers/real-server.ts";
import { describeOnAll } from "../../servers/shared-server.ts";
import { executeOn } from "../mysql-test-database.ts";
import { getPrivate, installationFor, startRole } from "./role-scene.ts";

const MIB = 1_048_576;

/** Starts a process that must end by itself with 1; resolves with the one line that it says of that. */
async function fail(role: string, environment: Environment): Promise<string> {
  const { ended, output } = launchRole(role, { GRPC_PORT: "0", ...environment });
  expect(await ended, output.stdout).toBe(1);
  expect(output.stderr).toMatch(/^Parley cannot start: /);
  expect(output.stderr).not.toContain("    at ");
  return output.stderr;
}

/** A test that starts a server of its own, where that can be had. */
const testWithOwn = (kind: "redis" | "nats") => test.skipIf(inject("serverAvailability").own[kind] !== undefined);

/** The address of a server of the test's own. */
async function own<K extends "redis" | "nats">(kind: K, options: OptionsByKind[K]): Promise<string> {
  const server = await startServer(kind, options);
  onTestFinished(() => server.stop());
  return server.url;
}

describeOnAll("a role does not start", (addresses) => {
  const environment = installationFor(addresses);

  describe("on a database without its tables", () => {
    const unmigrated = installationFor(addresses);
    beforeAll(() => executeOn(unmigrated.MYSQL_URL!, "DROP TABLE messages, migrations"));

    test.each(["api", "writer", "indexer", "scheduler"])("as %s", async (role) => {
      expect(await fail(role, unmigrated)).toContain("npm run migrate");
    });
  });

  test.each(["api", "writer", "scheduler"])("as %s without NATS", async (role) => {
    const NATS_URL = `nats://127.0.0.1:${await freePort()}`;
    expect(await fail(role, { ...environment, NATS_URL })).toContain("NATS_URL 127.0.0.1:");
  });

  test("where a request may be too large for a message of NATS", async () => {
    const stderr = await fail("api", { ...environment, REQUEST_MAX_BYTES: String(MIB) });
    expect(stderr).toMatch(/REQUEST_MAX_BYTES is 1048576, but .* it may be \d+ at most/);
  });

  testWithOwn("redis")("on a Redis that evicts", async () => {
    const REDIS_URL = await own("redis", { settings: ["maxmemory-policy allkeys-lru"] });
    for (const role of ["api", "writer", "scheduler"]) {
      expect(await fail(role, { ...environment, REDIS_URL })).toContain(
        "Redis has maxmemory-policy allkeys-lru, so that it may forget numbers; set it to noeviction",
      );
    }
  });

  testWithOwn("nats")("where NATS has no room for QUEUE_BYTES_MAX", async () => {
    const { NATS_MONITOR_URL: _, ...others } = environment;
    const NATS_URL = await own("nats", { maxFileStore: 128 * MIB });
    const stderr = await fail("writer", { ...others, NATS_URL, QUEUE_BYTES_MAX: String(256 * MIB) });
    expect(stderr).toContain("raise max_file_store of the server, or lower QUEUE_BYTES_MAX");
  });
});

describeOnAll("a role starts", (addresses) => {
  const environment = installationFor(addresses);

  test.each([
    ["redis", "REDIS_URL", 200],
    ["elasticsearch", "ELASTICSEARCH_URL", 200],
  ] as const)("while %s is away, and says so", async (kind, variable, expected) => {
    const nowhere = `${new URL(environment[variable]!).protocol}//127.0.0.1:${await freePort()}`;
    const { line } = await startRole("api", { ...environment, [variable]: nowhere });
    const { status, body } = await getPrivate(line, "/readyz");
    expect(status).toBe(expected);
    expect(JSON.parse(body)).toMatchObject({ dependencies: { [kind]: "down" } });
  });
});
