import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { UnaryRequest, UnaryResponse } from "@connectrpc/connect";
import { ConnectionError } from "sequelize";
import { expect, test } from "vitest";
import { mapStoreErrors } from "../../../services/database/store-errors.ts";
import { TooManyWaitingError } from "../../../services/process/turns.ts";
import { failureOf } from "../../failure.ts";

const call = (thrown: unknown): Promise<UnaryResponse> =>
  mapStoreErrors()(() => Promise.reject(thrown))({
    stream: false,
    message: create(EmptySchema),
  } as UnaryRequest) as Promise<UnaryResponse>;

test("a database that fails is UNAVAILABLE", async () => {
  const failure = await failureOf(call(new ConnectionError(new Error("gone"))));
  expect(failure).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
});

test("too many reads that wait are RESOURCE_EXHAUSTED", async () => {
  const failure = await failureOf(call(new TooManyWaitingError(1_000)));
  expect(failure).toMatchObject({ code: "ResourceExhausted", reason: "TOO_MANY_PENDING" });
});

test("any other failure passes as it is", async () => {
  const other = new Error("other");
  await expect(call(other)).rejects.toBe(other);
});
