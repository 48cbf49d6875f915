import { join } from "node:path";
import { cacheFolder } from "../install/cache-folder.ts";
import type { ServerKind, ServerProfile } from "../server-profiles.ts";
import { dockerHost, hasDockerEngine } from "./docker-host.ts";
import { MissingServerError } from "./missing-server-error.ts";
import { nativeHost } from "./native-host.ts";
import { type ProgramSearch, programFolders, searchPrograms } from "./program.ts";
import type { ServerHost } from "./server-host.ts";

/** What a search needs to know of a kind of server. */
export type Sought = Pick<
  ServerProfile<never, unknown>,
  "variable" | "programs" | "image" | "installation" | "refusesRoot"
>;

function search({ programs, installation }: Sought, environment: NodeJS.ProcessEnv): Promise<ProgramSearch> {
  const installed = installation.folder ? [join(cacheFolder(environment), installation.folder)] : [];
  return searchPrograms(programs, [...programFolders(environment), ...installed]);
}

function missing(kind: ServerKind, { variable, programs, installation }: Sought, refused: readonly string[]): string {
  const wanted = programs.map(({ name, minimum }) => `${name} ${minimum.join(".")} or newer`).join(" or ");
  const found = refused.length > 0 ? ` (${refused.join(", ")})` : "";
  return (
    `${kind} cannot be started here: there is no ${wanted} on the PATH${found}, and no Docker engine answers. ` +
    `Install it with "${installation.advice}" or "npm run servers -- --install", or set ${variable} to the address of one`
  );
}

/**
 * Finds where a kind of server can be run: as a program on the PATH, as one that was installed before, or in Docker. Where
 * nothing is found and `install` is set, it is installed.
 *
 * @throws MissingServerError
 */
export async function findHost(
  kind: ServerKind,
  sought: Sought,
  environment: NodeJS.ProcessEnv,
  install: boolean,
): Promise<ServerHost> {
  const { program, refused } = await search(sought, environment);
  if (program) return nativeHost(program, environment, sought.refusesRoot);
  if (await hasDockerEngine(environment)) return dockerHost(sought.image, environment);
  const problem = missing(kind, sought, refused);
  if (!install) throw new MissingServerError(problem);
  await sought.installation.install(cacheFolder(environment)).catch((error: Error) => {
    throw new MissingServerError(`${problem}. Installing it failed: ${error.message}`);
  });
  return findHost(kind, sought, environment, false);
}
