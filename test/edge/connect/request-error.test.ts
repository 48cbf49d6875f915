import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { describe, expect, test } from "vitest";
import { createRequestErrors } from "../../../edge/connect/request-error.ts";
import { failureFrom } from "../../failure.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";

function judge(thrown: unknown, signal = new AbortController().signal) {
  const header = new Headers({ "content-type": "application/json" });
  const request = { method: "POST", header, url: "http://x/", signal } as UniversalServerRequest;
  const faults: unknown[] = [];
  const toRequestError = createRequestErrors(request, KitchenService.method.getMenu, {
    errorInfo: (kind) => ({ reason: kind, domain: "kitchen" }),
    maxRequestBytes: 1,
    onError: (error) => faults.push(error),
  });
  return { failure: failureFrom(toRequestError(thrown)), faults };
}

/** What connect's answer to a unary call says of an error that is not its own. */
const HIDDEN = new ConnectError("internal error", Code.Internal);
const INTERNAL = { code: "Internal", message: "internal error", reason: "internal" };

describe("what was thrown while a request was read", () => {
  test("is CANCELLED where it is of the connection, or the caller has gone", () => {
    const reset = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
    for (const { failure, faults } of [judge(reset), judge(HIDDEN, AbortSignal.abort())]) {
      expect(failure).toMatchObject({ code: "Canceled" });
      expect(faults).toEqual([]);
    }
  });

  test("is a fault, which is told of, where it is neither that nor connect's own", () => {
    const thrown = Object.assign(new TypeError("x"), { code: "ERR_INVALID_CHAR" });
    const { failure, faults } = judge(thrown);
    expect(failure).toMatchObject(INTERNAL);
    expect(faults).toEqual([thrown]);
  });

  test("is a fault where connect has hidden it", () => {
    const { failure, faults } = judge(HIDDEN);
    expect(failure).toMatchObject(INTERNAL);
    expect(faults).toEqual([new Error("a request of kitchen.v1.KitchenService.GetMenu cannot be read")]);
  });
});
