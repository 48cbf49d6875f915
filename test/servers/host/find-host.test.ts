import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { fakeProgram } from "../fake-program.ts";
import { findHost, type Sought } from "./find-host.ts";
import { MissingServerError } from "./missing-server-error.ts";

const NAME = "parley-fake-server";
const IMAGE = "/in/the/image";

/** A machine of which nothing is on the PATH but what the test puts there. */
async function emptyMachine() {
  const folder = await temporaryFolder();
  const [bin, cache] = [join(folder, "bin"), join(folder, "cache")];
  await mkdir(bin);
  const installed = join(cache, "parley", "fake-3.0");
  const sought: Sought = {
    variable: "FAKE_URL",
    programs: [{ name: NAME, minimum: [2, 12] }],
    refusesRoot: false,
    image: { name: "fake:3", program: IMAGE, about: "v3.0" },
    installation: {
      advice: "get fake",
      folder: "fake-3.0",
      install: async () => {
        await fakeProgram(installed, NAME, "echo v3.0");
      },
    },
  };
  const environment = { PATH: bin, XDG_CACHE_HOME: cache };
  return { bin, installed, sought, find: (install: boolean) => findHost("nats", sought, environment, install) };
}

describe("a server is found", () => {
  test("on the PATH before all else", async () => {
    const { bin, installed, find } = await emptyMachine();
    await fakeProgram(bin, "docker", "exit 0");
    await fakeProgram(installed, NAME, "echo v3.0");
    const path = await fakeProgram(bin, NAME, "echo v2.12");
    expect((await find(true)).program.path).toBe(path);
  });

  test("where it was installed before, where the PATH has none that is new enough", async () => {
    const { bin, installed, find } = await emptyMachine();
    await fakeProgram(bin, NAME, "echo v2.9");
    await fakeProgram(bin, "docker", "exit 0");
    const path = await fakeProgram(installed, NAME, "echo v3.0");
    expect((await find(false)).program.path).toBe(path);
  });

  test("in Docker, before it is installed", async () => {
    const { bin, find } = await emptyMachine();
    await fakeProgram(bin, "docker", "exit 0");
    expect((await find(true)).program).toEqual({ path: IMAGE, about: "v3.0", isInImage: true });
  });

  test("by installing it, where no engine answers", async () => {
    const { bin, installed, find } = await emptyMachine();
    await fakeProgram(bin, "docker", "exit 1");
    expect((await find(true)).program.path).toBe(join(installed, NAME));
  });
});

describe("a server that is not found", () => {
  test("is not installed unasked, and its error says what to do", async () => {
    const { bin, find } = await emptyMachine();
    const old = await fakeProgram(bin, NAME, "echo v2.9");
    const failure = find(false);
    await expect(failure).rejects.toBeInstanceOf(MissingServerError);
    await expect(failure).rejects.toThrow(
      `nats cannot be started here: there is no ${NAME} 2.12 or newer on the PATH (${old} is 2.9), and no Docker engine ` +
        `answers. Install it with "get fake" or "npm run servers -- --install", or set FAKE_URL to the address of one`,
    );
  });

  test.each([
    ["fails to be installed", () => Promise.reject(new Error("no network")), "Installing it failed: no network"],
    ["is not there after it was installed", () => Promise.resolve(), "cannot be started here"],
  ])("and %s says so", async (_name, install, problem) => {
    const { sought, find } = await emptyMachine();
    sought.installation.install = install;
    const failure = find(true);
    await expect(failure).rejects.toBeInstanceOf(MissingServerError);
    await expect(failure).rejects.toThrow(problem);
  });
});
