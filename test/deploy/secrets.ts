import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseEnv, promisify } from "node:util";
import type { Variables } from "./compose-file.ts";

/** Runs deploy/secrets.sh in a folder; the `.env` that is there afterwards. */
export async function addSecrets(folder: string): Promise<Variables> {
  await promisify(execFile)("sh", [resolve("deploy/secrets.sh")], { cwd: folder });
  return parseEnv(await readFile(join(folder, ".env"), "utf8")) as Variables;
}

/** All secrets, made anew. */
export async function makeSecrets(): Promise<Variables> {
  const folder = await mkdtemp(join(tmpdir(), "parley-secrets-"));
  const secrets = await addSecrets(folder);
  await rm(folder, { recursive: true });
  return secrets;
}
