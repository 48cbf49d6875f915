import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ErrorReason } from "../../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../../../services/rpc/errors.ts";
import { ABSENT, DELETED } from "../history/resource.ts";
import { outcomeOf } from "./outcome.ts";

const refusal = (code: Code, reason: ErrorReason = ErrorReason.RESOURCE_NOT_FOUND) => rpcError(code, reason, "no");

test("what Parley refused had no effect", () => {
  expect(outcomeOf(refusal(Code.AlreadyExists))).toEqual({ outcome: "failed", code: "AlreadyExists" });
});

test("a refusal shows what it tells of the resource", () => {
  expect(outcomeOf(refusal(Code.NotFound)).saw).toBe(ABSENT);
  expect(outcomeOf(refusal(Code.FailedPrecondition, ErrorReason.MESSAGE_DELETED)).saw).toBe(DELETED);
  expect(outcomeOf(refusal(Code.FailedPrecondition)).saw).toBeUndefined();
});

test.each([Code.Unavailable, Code.DeadlineExceeded, Code.Internal])("nothing is known after the code %i", (code) => {
  expect(outcomeOf(refusal(code)).outcome).toBe("unknown");
});

test("nothing is known after a code that the caller's own library gave", () => {
  expect(outcomeOf(new ConnectError("aborted", Code.Aborted)).outcome).toBe("unknown");
});

test("nothing is known after a broken connection", () => {
  expect(outcomeOf(new Error("read ECONNRESET"))).toEqual({ outcome: "unknown", code: "read ECONNRESET" });
});
