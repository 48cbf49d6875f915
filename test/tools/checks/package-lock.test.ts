import { expect, test } from "vitest";
import { findUnlocked, type LockedPackages } from "../../../tools/checks/package-lock.ts";

const tool = { optionalDependencies: { "tool-linux": "1.0.0" } };

test.each<[string, LockedPackages, string[]]>([
  ["beside", { "node_modules/tool": tool, "node_modules/tool-linux": {} }, []],
  ["within", { "node_modules/tool": tool, "node_modules/tool/node_modules/tool-linux": {} }, []],
  ["above", { "node_modules/a/node_modules/tool": tool, "node_modules/tool-linux": {} }, []],
  ["nowhere", { "node_modules/tool": tool }, ["node_modules/tool: tool-linux is not locked"]],
  [
    "in a package that cannot see it",
    { "node_modules/tool": tool, "node_modules/b/node_modules/tool-linux": {} },
    ["node_modules/tool: tool-linux is not locked"],
  ],
])("an optional dependency %s", (_name, packages, faults) => {
  expect(findUnlocked(packages)).toEqual(faults);
});
