import { execFile } from "node:child_process";
import { chmod, copyFile, cp, mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../temporary-folder.ts";
import type { Dockerfile } from "./dockerfile.ts";

export type ImageFolder = {
  /** What is the working directory in the image. */
  path: string;
  /** Node, where another user can run it. */
  node: string;
  /** Every file of the image but for the dependencies. */
  listFiles(): Promise<string[]>;
};

const run = promisify(execFile);

/** Makes, as deploy/Dockerfile says, a folder of what the image has. It can be read and not written by other users. */
export async function makeImageFolder({ copies, installs }: Dockerfile): Promise<ImageFolder> {
  const root = await temporaryFolder();
  const path = join(root, "parley");
  await mkdir(path);
  for (const { sources, to } of copies) {
    for (const source of sources) {
      const target = to.endsWith("/") ? join(path, to, basename(source)) : join(path, to);
      await mkdir(dirname(target), { recursive: true });
      await cp(source, target, { recursive: true });
    }
  }
  for (const command of installs) await run("sh", ["-c", command], { cwd: path });
  const node = join(root, "node");
  await copyFile(process.execPath, node);
  for (const folder of [root, path]) await chmod(folder, 0o755);
  await chmod(node, 0o755);
  return {
    ...{ path, node },
    async listFiles() {
      const entries = await readdir(path, { recursive: true });
      return entries.filter((entry) => !entry.startsWith("node_modules")).sort();
    },
  };
}
