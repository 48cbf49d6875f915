import { expect, test } from "vitest";
import { KnownHeaders } from "../../../services/auth/known-headers.ts";

test("a header is known by the hash that it was remembered with", () => {
  const headers = new KnownHeaders();
  headers.remember("Bearer a", "hash");
  headers.remember("Bearer admin", null);
  expect(["Bearer a", "Bearer admin", "Bearer b"].map((header) => headers.hashOf(header))).toEqual([
    "hash",
    null,
    undefined,
  ]);
});

test("one that is too long is not kept, and the oldest makes room", () => {
  const headers = new KnownHeaders();
  headers.remember("x".repeat(257), "hash");
  expect(headers.hashOf("x".repeat(257))).toBeUndefined();
  for (let index = 0; index <= 1_000; index++) headers.remember(`${index}`, "hash");
  expect(["0", "1", "1000"].map((header) => headers.hashOf(header))).toEqual([undefined, "hash", "hash"]);
});

test("those of forgotten keys are forgotten, the administrator's are not", () => {
  const headers = new KnownHeaders();
  for (const hash of ["a", "b", null]) headers.remember(`${hash}`, hash);
  headers.forgetUnless((hash) => hash === "a");
  expect(["a", "b", "null"].map((header) => headers.hashOf(header))).toEqual(["a", undefined, null]);
});
