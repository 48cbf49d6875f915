import { join } from "node:path";
import type { Installation } from "./installation.ts";
import { runInstaller } from "./installer-command.ts";

/** A program that Go builds from a module, as `name` at a version. */
export function goProgram(module: string, name: string, version: string): Installation {
  const folder = `${name}-${version}`;
  return {
    advice: `go install ${module}@v${version}`,
    folder,
    install: (cache) => runInstaller("go", ["install", `${module}@v${version}`], { GOBIN: join(cache, folder) }),
  };
}
