import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { interpolateCompose, type Variables } from "./compose-file.ts";

/** What Docker Compose reads its files with. */
const COMPOSE_GO = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2";

/**
 * docker-compose.yml, with its variables filled in, as Docker Compose understands it: checked against the schema, and for
 * what it names and does not have. Rejects with the loader's complaint.
 */
export async function loadWithComposeGo<T>(folder: string, variables: Variables): Promise<T> {
  const path = join(folder, "docker-compose.yml");
  await writeFile(path, await interpolateCompose(variables));
  const { stdout } = await promisify(execFile)("go", ["run", COMPOSE_GO, "-format", "json", path], { cwd: folder });
  return JSON.parse(stdout) as T;
}
