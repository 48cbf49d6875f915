import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function run(...parameters: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...parameters]);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

describe("npm run bench", () => {
  test("explains itself on stdout", async () => {
    const { code, stdout, stderr } = await run("--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^npm run bench .*nghttp2-client.*\n {2}create +gRPC CreateMessage/s);
  });

  test("refuses what it does not know, with exit code 2, and starts nothing", async () => {
    const { code, stdout, stderr } = await run("create", "--turbo");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/--turbo.*\nnpm run bench -- --help tells what can be given\n$/);
  });
});
