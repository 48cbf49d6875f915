import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

/** Tells at the end of the process which packages it has loaded. */
const PACKAGE_REPORT = `
  import { registerHooks } from "node:module";
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
      if (name) packages.add(name);
      return next(url, context);
    },
  });
  process.on("exit", () => process.stdout.write(JSON.stringify([...packages])));
`;

/** The packages that the edge has loaded when it finds that it has no servers. */
async function loadedPackages(): Promise<string[]> {
  const report = `data:text/javascript,${encodeURIComponent(PACKAGE_REPORT)}`;
  const edge = spawn(process.execPath, ["--import", report, "edge/main.ts"], {
    env: { ...process.env, API_ADDRESSES: "" },
  });
  const [output, problem] = await Promise.all([text(edge.stdout), text(edge.stderr)]);
  expect(problem).toContain("API_ADDRESSES is not set");
  return JSON.parse(output) as string[];
}

test("the edge loads no client of a database, Redis, NATS or Elasticsearch", async () => {
  const packages = await loadedPackages();
  expect(packages).toContain("fastify");
  expect(packages.filter((name) => /^(sequelize|mysql2|ioredis|@nats-io\/|@elastic\/)/.test(name))).toEqual([]);
});
