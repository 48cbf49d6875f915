import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { fakeProgram } from "../fake-program.ts";
import { aptPackage } from "./apt-package.ts";
import { goProgram } from "./go-program.ts";
import { mavenDistribution } from "./maven-distribution.ts";

/** Makes programs the only ones on the PATH that may install anything. */
async function withPrograms(scripts: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, script] of Object.entries(scripts)) await fakeProgram(join(folder, "bin"), name, script);
  vi.stubEnv("PATH", `${join(folder, "bin")}:/usr/bin:/bin`);
  return folder;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("installing", () => {
  test("a package brings the lists up to date, asks nothing, and waits for others", async () => {
    const folder = await withPrograms({
      sudo: 'shift 2; exec "$@"',
      "apt-get": 'echo "$DEBIAN_FRONTEND" "$@" >> "$(dirname "$0")/calls"',
    });
    await aptPackage("fake-server").install(join(folder, "cache"));
    expect(await readFile(join(folder, "bin", "calls"), "utf8")).toBe(
      "noninteractive -qq update\nnoninteractive -qq -y -o DPkg::Lock::Timeout=300 install fake-server\n",
    );
  });

  test("a program of Go puts its version into the cache", async () => {
    const folder = await withPrograms({ go: 'mkdir -p "$GOBIN" && echo "$@" > "$GOBIN/fake"' });
    const program = goProgram("example.com/fake/v3", "fake", "3.1.2");
    await program.install(folder);
    expect(await readFile(join(folder, program.folder!, "fake"), "utf8")).toBe("install example.com/fake/v3@v3.1.2\n");
    expect(program.folder).toBe("fake-3.1.2");
  });

  test("a distribution unpacks it beside the cache's others, and leaves nothing half done", async () => {
    const unpack = `for each; do case $each in -DoutputDirectory=*) out=\${each#*=};; esac; done
      mkdir -p "$out/fake-3.1/bin" && echo new > "$out/fake-3.1/bin/fake"`;
    const folder = await withPrograms({ mvn: unpack });
    const distribution = mavenDistribution("org.example", "fake", "3.1");
    await fakeProgram(join(folder, "fake-3.1"), "broken", "");
    await distribution.install(folder);
    expect(await readFile(join(folder, distribution.folder!, "fake"), "utf8")).toBe("new\n");
    await expect(readFile(join(folder, "fake-3.1", "broken"))).rejects.toThrow("ENOENT");
  });

  test("tells which command failed, and which program it lacks", async () => {
    const folder = await withPrograms({ go: "exit 3" });
    await expect(goProgram("example.com/fake", "fake", "1.0.0").install(folder)).rejects.toThrow(
      "go install example.com/fake@v1.0.0 ended with 3",
    );
    vi.stubEnv("PATH", folder);
    await expect(mavenDistribution("org.example", "fake", "3.1").install(folder)).rejects.toThrow(
      "mvn is not on the PATH",
    );
  });
});
