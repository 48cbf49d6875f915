import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { findH2load, MissingH2loadError } from "../../../bench/load/h2load-program.ts";
import { fakeProgram } from "../../servers/fake-program.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

vi.mock("../../../test/servers/host/program.ts", async (original) => ({
  ...(await original<typeof import("../../servers/host/program.ts")>()),
  // Nothing but the PATH: the machine that this runs on may have it elsewhere.
  programFolders: ({ PATH = "" }: NodeJS.ProcessEnv) => [PATH],
}));

describe("h2load", () => {
  test("is taken from the PATH", async () => {
    const PATH = await temporaryFolder();
    const path = await fakeProgram(PATH, "h2load", "");
    expect(await findH2load({ PATH }, false)).toBe(path);
  });

  test("is named with its package where it is missing", async () => {
    const missing = findH2load({ PATH: await temporaryFolder() }, false);
    await expect(missing).rejects.toThrow(MissingH2loadError);
    await expect(missing).rejects.toThrow(/not on the PATH.*package nghttp2-client.*apt-get install nghttp2-client/);
  });

  test("is installed where that is asked for", async () => {
    const PATH = await temporaryFolder();
    const script = `case "$*" in *nghttp2-client) touch "${join(PATH, "h2load")}"; chmod +x "${join(PATH, "h2load")}";; esac`;
    await fakeProgram(PATH, "apt-get", script);
    await fakeProgram(PATH, "sudo", 'shift 2; exec "$@"');
    vi.stubEnv("PATH", `${PATH}:/usr/bin:/bin`);
    expect(await findH2load({ PATH }, true)).toBe(join(PATH, "h2load"));
    vi.unstubAllEnvs();
  });

  test("tells why it could not be installed", async () => {
    const PATH = await temporaryFolder();
    for (const name of ["apt-get", "sudo"]) await fakeProgram(PATH, name, "exit 7");
    vi.stubEnv("PATH", `${PATH}:/usr/bin:/bin`);
    await expect(findH2load({ PATH }, true)).rejects.toThrow(/Installing it failed: .* ended with 7/);
    vi.unstubAllEnvs();
  });
});
