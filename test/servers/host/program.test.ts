import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../temporary-folder.ts";
import { fakeProgram } from "../fake-program.ts";
import { isAtLeast, programFolders, readVersion, searchPrograms } from "./program.ts";

describe("the version of a program", () => {
  test.each([
    ["mariadbd  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu", [10, 11]],
    ["/opt/mysql-9/bin/mysqld  Ver 8.4.2 for Linux on x86_64", [8, 4]],
    ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0", [7, 0]],
    ["nats-server: v2.15.2", [2, 15]],
    ["Version: 8.19.21.jar", [8, 19]],
    ["usage: 1.0", undefined],
  ])("is read from %j", (about, version) => {
    expect(readVersion(about)).toEqual(version);
  });

  test.each([
    [[2, 12], true],
    [[2, 15], true],
    [[3, 0], true],
    [[2, 9], false],
    [[1, 20], false],
  ] as const)("%j is at least 2.12: %j", (version, expected) => {
    expect(isAtLeast(version, [2, 12])).toBe(expected);
  });
});

describe("the search for a program", () => {
  const wanted = [
    { name: "first", minimum: [2, 12] },
    { name: "second", minimum: [1, 0] },
  ] as const;

  test("takes the first that is new enough, and tells of those that are not", async () => {
    const folder = await temporaryFolder();
    const old = await fakeProgram(folder, "first", "echo v2.9.10");
    const path = await fakeProgram(folder, "second", "echo v1.0");
    expect(await searchPrograms(wanted, [folder])).toEqual({
      program: { path, about: "v1.0\n", isInImage: false },
      refused: [`${old} is 2.9`],
    });
  });

  test("looks through the folders in their order", async () => {
    const folder = await temporaryFolder();
    const path = await fakeProgram(join(folder, "a"), "first", "echo v2.12");
    await fakeProgram(join(folder, "b"), "first", "echo v2.13");
    const folders = ["missing", "a", "b"].map((name) => join(folder, name));
    expect((await searchPrograms(wanted, folders)).program?.path).toBe(path);
  });

  test("refuses one that does not tell its version", async () => {
    const folder = await temporaryFolder();
    const path = await fakeProgram(folder, "first", "exit 1");
    expect(await searchPrograms(wanted, [folder])).toEqual({
      program: undefined,
      refused: [`${path} is of an unknown version`],
    });
  });

  test("goes by the PATH, and where systems keep servers", () => {
    expect(programFolders({ PATH: "/a:/usr/sbin:" })).toEqual(["/a", "/usr/sbin", "/usr/local/sbin"]);
  });
});
