import { expect, test } from "vitest";
import { createBareDocument } from "../contract.ts";
import { DeprecatedService } from "../deprecated-service.ts";
import { findOperation, findParameter } from "../open-api-document.ts";

const document = createBareDocument([DeprecatedService]);
const { Item, Kind } = document.components.schemas;

test("a deprecated method is, and no other", () => {
  expect(findOperation(document, "ItemService_OldCreate").deprecated).toBe(true);
  expect(findOperation(document, "ItemService_Create").deprecated).toBeUndefined();
});

test("a deprecated parameter is, and no other", () => {
  expect(findParameter(document, "ItemService_Create", "old_filter")?.deprecated).toBe(true);
  expect(findParameter(document, "ItemService_Create", "filter")?.deprecated).toBeUndefined();
});

test("a deprecated property is, and no other", () => {
  expect(Item?.properties?.old_title?.deprecated).toBe(true);
  expect(Item?.properties?.title?.deprecated).toBeUndefined();
});

test("a deprecated type is, and a deprecated value says so", () => {
  expect(Item?.deprecated).toBe(true);
  expect(Kind?.deprecated).toBe(true);
  expect(Kind?.description).toBe("- `KIND_OLD`: Deprecated.");
});

test("what is deprecated is in no example", () => {
  const { requestBody, responses } = findOperation(document, "ItemService_Create");
  expect(requestBody?.content["application/json"]?.example).toEqual({ title: "title", kind: "KIND_OLD" });
  expect(responses[200]?.content["application/json"]?.example).toEqual({ title: "title", kind: "KIND_OLD" });
});
