import type { Installation } from "./installation.ts";
import { runInstaller } from "./installer-command.ts";

const LOCK_PATIENCE = "DPkg::Lock::Timeout=300";

/** A package of Debian and its kin. Anybody but root needs a `sudo` that does not ask. */
export function aptPackage(name: string): Installation {
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (...parameters: string[]) => {
    const [program, ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...parameters];
    await runInstaller(program!, rest);
  };
  return {
    advice: `apt-get install ${name}`,
    install: async () => {
      await apt("-qq", "update");
      await apt("-qq", "-y", "-o", LOCK_PATIENCE, "install", name);
    },
  };
}
