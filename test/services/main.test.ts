import { describe, expect, test } from "vitest";
import { launchRole } from "../production/launched-role.ts";
import { freePort } from "../servers/free-port.ts";

const TIMEOUT_MS = 60_000;

/** Starts a process that must end by itself; resolves with what it says. */
async function fail(role: string, environment: Record<string, string>): Promise<string> {
  const { ended, output } = launchRole(role, environment);
  expect(await ended).toBe(1);
  expect(output.stdout).toBe("");
  expect(output.stderr).not.toContain("    at ");
  return output.stderr;
}

describe("a start that cannot be ends with 1", { timeout: TIMEOUT_MS }, () => {
  test.each<[role: string, settings: string[]]>([
    ["api", ["MYSQL_URL", "REDIS_URL", "NATS_URL", "ELASTICSEARCH_URL", "ADMIN_KEY", "TOKEN_SECRET"]],
    ["writer", ["MYSQL_URL", "REDIS_URL", "NATS_URL"]],
    ["indexer", ["MYSQL_URL", "ELASTICSEARCH_URL"]],
    ["scheduler", ["MYSQL_URL", "REDIS_URL", "NATS_URL", "ELASTICSEARCH_URL"]],
  ])("of the role %s without settings, and names each", async (role, settings) => {
    const lines = settings.map((name) => `  ${name} is not set: the role ${role} needs it`);
    expect(await fail(role, {})).toBe(`Parley cannot start: wrong settings:\n${lines.join("\n")}\n`);
  });

  test("of the edge without the addresses of an api, and names the setting", async () => {
    expect(await fail("edge", {})).toBe(
      "Parley cannot start: wrong settings:\n  API_ADDRESSES is not set: the edge needs it\n",
    );
  });

  test("of no role that there is, and names those that there are", async () => {
    for (const role of ["cook", ""]) {
      expect(await fail(role, {})).toMatch(
        /^Parley cannot start: a role must be named, one of api, writer, indexer, s/,
      );
    }
  });

  test("with settings that are wrong, and shows no secret", async () => {
    const stderr = await fail("api", { MYSQL_URL: "a-secret", NATS_URL: "http://secret:secret@host", ADMIN_KEY: "a" });
    for (const name of ["MYSQL_URL", "NATS_URL", "ADMIN_KEY"])
      expect(stderr).toContain(`  ${name} is a value that is not`);
    expect(stderr).not.toContain("secret");
  });

  test.each(["api", "writer", "indexer", "scheduler"])("of the role %s without its database", async (role) => {
    const port = await freePort();
    const nowhere = `127.0.0.1:${port}`;
    const stderr = await fail(role, {
      ...{ MYSQL_URL: `mysql://parley:a-password@${nowhere}/parley`, REDIS_URL: `redis://${nowhere}` },
      ...{ NATS_URL: `nats://${nowhere}`, ELASTICSEARCH_URL: `http://${nowhere}`, ADMIN_KEY: "a-key-of-the-operator" },
      ...{ TOKEN_SECRET: "a-secret-of-the-operator-0123456789" },
    });
    expect(stderr).toContain(`MYSQL_URL cannot be used; is a server at ${nowhere}?`);
    expect(stderr).not.toContain("a-password");
  });
});
