import { locate, programFolders } from "../../test/servers/host/program.ts";
import { aptPackage } from "../../test/servers/install/apt-package.ts";

/** The load generator cannot be had here; the message says how to get it. */
export class MissingH2loadError extends Error {}

const PROGRAM = "h2load";
const PACKAGE = aptPackage("nghttp2-client");

/**
 * The path of h2load. Where it is missing, it is installed if that is asked for.
 *
 * @throws MissingH2loadError
 */
export async function findH2load(environment: NodeJS.ProcessEnv, install: boolean): Promise<string> {
  const [path] = await locate(PROGRAM, programFolders(environment));
  if (path !== undefined) return path;
  const problem =
    "h2load, which makes the load, is not on the PATH. On Debian it is in the package nghttp2-client: " +
    `install it with "${PACKAGE.advice}"`;
  if (!install) throw new MissingH2loadError(problem);
  await PACKAGE.install("").catch((error: Error) => {
    throw new MissingH2loadError(`${problem}. Installing it failed: ${error.message}`);
  });
  return findH2load(environment, false);
}
