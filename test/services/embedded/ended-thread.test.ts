import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { logLines, PROGRAM, startParleyProcess } from "../../parley-process.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

test("a process whose thread for a file ends by itself says why, and ends with 1", async () => {
  const preload = fileURLToPath(new URL("./thread-ender.ts", import.meta.url));
  const command = [process.execPath, "--import", preload, PROGRAM];
  const parley = await startParleyProcess(await temporaryFolder(), {}, command);
  expect(await parley.end("SIGUSR2")).toBe(1);
  expect(logLines(parley.output).at(-1)).toMatchObject({
    level: "fatal",
    err: { type: "SqliteError", message: expect.stringContaining(".sqlite ended") },
  });
});
