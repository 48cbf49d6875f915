import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { TestReport } from "../../tools/ci-summary.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const CHECKOUT = resolve(import.meta.dirname, "../..");
const SERVERS = join(CHECKOUT, "test/servers");
const SUITE = `
import { test } from "vitest";
import { describeOn } from "${SERVERS}/shared-server.ts";
describeOn("nats", "NATS", () => {
  test("answers", () => undefined);
});
`;
const CONFIG = `export default {
  test: { include: ["nats.test.ts"], globalSetup: "${SERVERS}/shared/global-setup.ts" },
};`;

/** Runs a suite on a machine that has no servers; resolves with the runner's exit code, complaints and report. */
async function runSuite(environment: Record<string, string>) {
  const folder = await temporaryFolder();
  await symlink(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "vitest.config.ts"), CONFIG);
  await writeFile(join(folder, "nats.test.ts"), SUITE);
  const vitest = join(CHECKOUT, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", "--reporter=json"], {
    cwd: folder,
    env: { PATH: folder, XDG_CACHE_HOME: folder, HOME: folder, ...environment },
  });
  const closed = once(child, "close");
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, complaints, results: (JSON.parse(printed) as TestReport).testResults[0]?.assertionResults };
}

test("a suite whose server is missing is skipped by name, and the run says what is missing", async () => {
  const { code, complaints, results } = await runSuite({});
  expect(results).toMatchObject([{ fullName: "NATS (missing: nats) answers", status: "skipped" }]);
  expect(complaints).toContain("nats cannot be started here");
  expect(code).toBe(0);
});

test("a suite whose server is missing fails under CI=true", async () => {
  const { code, results } = await runSuite({ CI: "true" });
  expect(results).toMatchObject([{ fullName: "NATS answers", status: "skipped" }]);
  expect(code).toBe(1);
});
