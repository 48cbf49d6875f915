import type { ServerKind, ServerProfile } from "../server-profiles.ts";
import { MissingServerError } from "./missing-server-error.ts";
import { nativeHost } from "./native-host.ts";
import { programFolders, searchPrograms } from "./program.ts";
import type { ServerHost } from "./server-host.ts";

/**
 * Finds where a kind of server can be run.
 *
 * @throws MissingServerError
 */
export async function findHost(
  kind: ServerKind,
  profile: Pick<ServerProfile<never, unknown>, "programs" | "refusesRoot">,
  environment: NodeJS.ProcessEnv,
): Promise<ServerHost> {
  const search = await searchPrograms(profile.programs, programFolders(environment));
  if (search.program) return nativeHost(search.program, environment, profile.refusesRoot);
  throw new MissingServerError(`${kind}: not found`);
}
