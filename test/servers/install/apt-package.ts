import type { Installation } from "./installation.ts";
import { runInstaller } from "./installer-command.ts";

const QUIET = { DEBIAN_FRONTEND: "noninteractive" };
const LOCK_PATIENCE = "DPkg::Lock::Timeout=300";

/** A package of Debian and its kin. Anybody but root needs a `sudo` that does not ask. */
export function aptPackage(name: string): Installation {
  const apt = (...parameters: string[]) =>
    process.getuid?.() === 0
      ? runInstaller("apt-get", parameters, QUIET)
      : runInstaller("sudo", ["-n", "--preserve-env=DEBIAN_FRONTEND", "apt-get", ...parameters], QUIET);
  return {
    advice: `apt-get install ${name}`,
    install: async () => {
      await apt("-qq", "update");
      await apt("-qq", "-y", "-o", LOCK_PATIENCE, "install", name);
    },
  };
}
