import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { guardFolder } from "./folder-guard.ts";

const GUARD = JSON.stringify(new URL("./folder-guard.ts", import.meta.url).href);

async function guardedFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), "it's guarded");
  await mkdir(join(folder, "below"), { recursive: true });
  await writeFile(join(folder, "below", "file"), "");
  return folder;
}

/** A process that lasts until it is ended, and whether it still runs. */
function lastingProcess() {
  const child = spawn("sleep", ["600"]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { pid: child.pid!, ended: once(child, "exit") };
}

test("a folder is removed after what runs in it was ended, by what was said of it last", async () => {
  const folder = await guardedFolder();
  const { pid, ended } = lastingProcess();
  const guard = guardFolder(folder);
  guard.expect("exit 1");
  guard.expect(`kill -s KILL ${pid}`);
  await guard.release();
  expect(await ended).toEqual([null, "SIGKILL"]);
  await expect(access(folder)).rejects.toThrow("ENOENT");
});

test("nothing is left where the process that guards it is killed", async () => {
  const folder = await guardedFolder();
  const { pid, ended } = lastingProcess();
  const script = `
    const { guardFolder } = await import(${GUARD});
    guardFolder(${JSON.stringify(folder)}).expect("kill -s KILL ${pid}");
    console.log("guarded");
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script]);
  await once(parent.stdout, "data");
  parent.kill("SIGKILL");
  await ended;
  await vi.waitFor(() => expect(access(folder)).rejects.toThrow("ENOENT"), { timeout: 10_000 });
});
