import { expect, test } from "vitest";
import { nameSegments, readResources } from "../../../../edge/docs/open-api/resource-pattern.ts";
import { parsePathTemplate } from "../../../../edge/transcode/routing/path-template.ts";
import { contractServices } from "../contract.ts";

const patterns = [["applications", "{app}", "readState"], ["projects", "{project}", "things", "{thing}"], ["{lone}"]];

test.each<[string, (string | undefined)[]]>([
  ["/projects/*/things/*", [undefined, "project", undefined, "thing"]],
  ["/applications/*/readState", [undefined, "app", undefined]],
  ["/applications/*", [undefined, "application"]],
  ["/dishes/*/classes/*/entries/*", [undefined, "dish", undefined, "class", undefined, "entry"]],
  ["/cases/*/boxes/*", [undefined, "case", undefined, "box"]],
  ["/*", [undefined]],
  ["/*/*", [undefined, undefined]],
  ["/files/**", [undefined, "file"]],
])("the variables of %s are %j", (template, names) => {
  expect(nameSegments(parsePathTemplate(template).segments, patterns)).toEqual(names);
});

test("patterns come from messages and files, imported ones too", () => {
  const found = readResources(contractServices).flatMap(({ patterns: found }) =>
    found.map((pattern) => pattern.join("/")),
  );
  expect(found).toEqual(
    expect.arrayContaining([
      "applications/{application}",
      "applications/{application}/chats/{chat}/messages/{message}",
      "applications/{application}/users/{user}",
    ]),
  );
});
