import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";

test("SIGTERM to npm start ends the server, and npm with it", async () => {
  const DATA_DIR = await temporaryFolder();
  const npm = spawn("npm", ["start", "--silent"], {
    env: { ...process.env, DATA_DIR, HOST: "127.0.0.1", PORT: "0", GRPC_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  npm.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await expect.poll(() => output, { timeout: 30_000 }).toContain('"ready"');
  const { address } = JSON.parse(output.split("\n").find((line) => line.includes('"ready"'))!) as { address: string };
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
  npm.kill("SIGTERM");
  await once(npm, "exit");
  await expect.poll(() => output, { timeout: 30_000 }).toContain('"stopped"');
  await expect(fetch(`${address}/healthz`)).rejects.toThrow();
});
