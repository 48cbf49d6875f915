import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes a script of `sh` that stands for a program, into a folder that is made where it is missing. */
export async function fakeProgram(folder: string, name: string, script: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
