import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where installed programs are kept between runs. Root's are not under its home, which the user whom some of them need to
 * run as cannot read.
 */
export function cacheFolder({ XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "parley");
  return process.getuid?.() === 0 ? "/var/cache/parley" : join(homedir(), ".cache", "parley");
}
