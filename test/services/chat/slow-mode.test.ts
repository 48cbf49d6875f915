import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { checkSlowMode } from "../../../services/chat/slow-mode.ts";
import { failureOf } from "../../failure.ts";

const durationOf = (seconds: bigint, nanos = 0) => create(DurationSchema, { seconds, nanos });

test.each([
  ["none", undefined],
  ["0 seconds, which is none", durationOf(0n)],
  ["a second", durationOf(1n)],
  ["6 hours", durationOf(21_600n)],
])("a slow mode is %s", (_, duration) => {
  expect(() => checkSlowMode(duration, "chat.slow_mode")).not.toThrow();
});

test.each([
  ["longer than 6 hours", durationOf(21_601n)],
  ["below 0", durationOf(-1n)],
  ["of a part of a second", durationOf(1n, 500_000_000)],
])("a slow mode is not %s", async (_, duration) => {
  const failure = await failureOf((async () => checkSlowMode(duration, "chat.slow_mode"))());
  expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["chat.slow_mode"] });
});
