import { expect, test } from "vitest";
import { parseAction } from "../../../services/commands/dead-letter-arguments.ts";
import { UsageError } from "../../../services/commands/usage-error.ts";

test.each<[string[], string]>([
  [[], "say what to do"],
  [["find"], 'cannot do "find"'],
  [["list", "1"], 'cannot do "list 1"'],
  [["show"], "say which: MARK"],
  [["show", "x"], '"x" is not the mark of a dead letter'],
  [["show", "0"], '"0" is not the mark of a dead letter'],
  [["show", "9999999999999999"], '"9999999999999999" is not the mark of a dead letter'],
  [["show", "1", "2"], '"2" is too much'],
  [["replay"], "say which: MARK"],
  [["replay", "1", "--all"], 'cannot do "replay 1"'],
  [["drop", "1"], "nothing was dropped; it cannot be undone, so repeat it with --yes"],
])("%j makes no sense", (parameters, message) => {
  expect(() => parseAction(parameters)).toThrow(new UsageError(message));
});

test.each([
  [["list"]],
  [["list", "--json"]],
  [["show", "4096"]],
  [["replay", "4096"]],
  [["replay", "--all", "--json"]],
  [["drop", "4096", "--yes"]],
])("%j is something to do", (parameters) => {
  expect(parseAction(parameters)).toBeTypeOf("function");
});

test("an option that does not exist makes no sense", () => {
  expect(() => parseAction(["list", "--force"])).toThrow("Unknown option '--force'");
});
