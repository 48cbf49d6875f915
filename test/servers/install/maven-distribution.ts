import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { guardFolder } from "../host/folder-guard.ts";
import type { Installation } from "./installation.ts";
import { runInstaller } from "./installer-command.ts";

const UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack";

/** An archive in Maven's central repository, of a folder `name-version` with programs in `bin`. */
export function mavenDistribution(group: string, name: string, version: string): Installation {
  const distribution = `${name}-${version}`;
  const artifact = `${group}:${name}:${version}:zip`;
  return {
    advice: `mvn ${UNPACK} -Dartifact=${artifact} -DoutputDirectory=.`,
    folder: join(distribution, "bin"),
    install: async (cache) => {
      await mkdir(cache, { recursive: true });
      const unpacked = await mkdtemp(join(cache, "unpacking-"));
      const guard = guardFolder(unpacked);
      try {
        const places = [`-Dproject.basedir=${unpacked}`, `-DoutputDirectory=${unpacked}`];
        await runInstaller("mvn", ["--batch-mode", "--quiet", UNPACK, `-Dartifact=${artifact}`, ...places]);
        await rm(join(cache, distribution), { recursive: true, force: true });
        await rename(join(unpacked, distribution), join(cache, distribution));
      } finally {
        await guard.release();
      }
    },
  };
}
