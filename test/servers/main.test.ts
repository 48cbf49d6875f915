import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

const PROGRAM = fileURLToPath(new URL("./main.ts", import.meta.url));
const ADDRESSES = {
  MYSQL_URL: "mysql://a/b",
  REDIS_URL: "redis://a",
  NATS_URL: "nats://a",
  NATS_MONITOR_URL: "http://a:8222",
  ELASTICSEARCH_URL: "http://a:9200",
};

/** Runs it where no server can be found, but for what the environment gives. */
async function run(environment: Record<string, string>) {
  const [PATH, XDG_CACHE_HOME] = [await temporaryFolder(), await temporaryFolder()];
  const child = spawn(process.execPath, [PROGRAM], { env: { PATH, XDG_CACHE_HOME, ...environment } });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, ended: once(child, "close"), stdout: text(child.stdout), stderr: text(child.stderr) };
}

describe("npm run servers", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("prints the environment, and ends by %s", async (signal) => {
    const { child, ended, stdout } = await run(ADDRESSES);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    const lines = Object.entries(ADDRESSES).map(([name, value]) => `export ${name}='${value}'\n`);
    expect(await stdout).toBe(lines.join(""));
  });

  test("names what is missing and how to get it, and fails", async () => {
    const { ELASTICSEARCH_URL: _, REDIS_URL: __, ...given } = ADDRESSES;
    const { ended, stdout, stderr } = await run(given);
    expect(await ended).toEqual([1, null]);
    expect(await stdout).toBe("");
    expect(await stderr).toMatch(/^redis cannot.*npm run servers -- --install.*REDIS_URL.*\nelasticsearch cannot.*\n$/);
  });
});
