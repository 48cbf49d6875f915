import { describe, expect, test } from "vitest";
import { findLicenseFaults, isAllowed } from "../../../tools/checks/dependency-licenses.ts";
import type { LockedPackage } from "../../../tools/checks/package-lock.ts";

const notInstalled = async () => undefined;

describe("isAllowed", () => {
  test.each([
    ["MIT", true],
    ["GPL-3.0-only", false],
    ["(MIT OR GPL-3.0-only)", true],
    ["MIT AND GPL-3.0-only", false],
    ["(GPL-3.0-only OR AGPL-3.0-only)", false],
    ["GPL-3.0-only AND (MIT OR ISC)", false],
    ["", false],
  ])("%s: %s", (expression, allowed) => {
    expect(isAllowed(expression, new Set(["MIT", "ISC"]))).toBe(allowed);
  });
});

describe("the licenses of dependencies", () => {
  test.each<[string, LockedPackage, string[]]>([
    ["an allowed one", { license: "MIT" }, []],
    ["one that is not", { license: "SSPL-1.0" }, ["node_modules/it: SSPL-1.0"]],
    ["none", {}, ["node_modules/it: none"]],
    ["one for tools, of a tool", { license: "MPL-2.0", dev: true }, []],
    ["one for tools, of what runs", { license: "MPL-2.0" }, ["node_modules/it: MPL-2.0"]],
  ])("%s", async (_name, locked, faults) => {
    expect(await findLicenseFaults({ "": {}, "node_modules/it": locked }, notInstalled)).toEqual(faults);
  });

  test("what is installed counts more than what the lock says", async () => {
    const faults = await findLicenseFaults({ "node_modules/it": { license: "MIT" } }, async () => "SSPL-1.0");
    expect(faults).toEqual(["node_modules/it: SSPL-1.0"]);
  });
});
