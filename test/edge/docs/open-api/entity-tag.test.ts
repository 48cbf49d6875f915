import { describe, expect, test } from "vitest";
import { contractServices, createContractDocument, createKitchenDocument } from "../contract.ts";
import { findOperation, findParameter, listEndpoints, parameterNames } from "../open-api-document.ts";

const contract = await createContractDocument();
const kitchen = createKitchenDocument();

function headerNames(id: string): string[] {
  const document = id.startsWith("Kitchen") || id.startsWith("Stream") ? kitchen : contract;
  return parameterNames(findOperation(document, id), "header").filter((name) => name.startsWith("If-"));
}

describe("a read of a resource with an etag", () => {
  const get = findOperation(contract, "ChatService_GetChat");

  test("answers it as a header, and takes it back", () => {
    expect(Object.keys(get.responses[200]?.headers ?? {})).toEqual(["ETag"]);
    expect(headerNames("ChatService_GetChat")).toEqual(["If-None-Match"]);
  });

  test("answers 304 with the header, and nothing else", () => {
    expect(Object.keys(get.responses[304]?.headers ?? {})).toEqual(["ETag"]);
    expect(get.responses[304]?.content).toBeUndefined();
  });

  test("shows the tag in quotes", () => {
    const [tag] = findParameter(contract, "ChatService_GetChat", "If-None-Match")?.schema.examples ?? [];
    expect(tag).toMatch(/^"[^".]+\.[\w-]{16}"$/);
    expect(get.responses[200]?.headers?.ETag?.schema.examples).toEqual([tag]);
  });
});

test.each<[string, string[]]>([
  ["ChatService_UpdateChat", ["If-Match"]],
  ["ChatService_DeleteChat", ["If-Match"]],
  ["MessageService_DeleteMessage", ["If-Match"]],
  ["KitchenService_UpdateDish", ["If-Match"]],
  ["KitchenService_RemoveDish", ["If-Match"]],
  ["ChatService_CreateChat", []],
  ["ChatService_ListChats", []],
  ["ApplicationService_RotateApiKey", []],
  ["KitchenService_GetMenu", []],
  ["StreamService_WatchDishes", []],
])("the conditions of %s are %j", (id, headers) => {
  expect(headerNames(id)).toEqual(headers);
});

test("what takes If-Match, and nothing else, answers 412", () => {
  for (const { operation } of [...listEndpoints(contract), ...listEndpoints(kitchen)]) {
    const takes = parameterNames(operation, "header").includes("If-Match");
    expect(operation.responses[412] !== undefined, operation.operationId).toBe(takes);
  }
});

test("what answers with a resource that has an etag tells its state, read or written", () => {
  const methods = contractServices.flatMap((service) => service.methods);
  const tagged = methods.filter(({ output }) => output.field.etag !== undefined);
  const telling = listEndpoints(contract).filter(({ operation }) => operation.responses[200]?.headers !== undefined);
  const ids = tagged.map(({ parent, name }) => `${parent.name}_${name}`);
  expect(telling.map(({ operation }) => operation.operationId).sort()).toEqual(ids.sort());
  expect(ids).toContain("UserService_UpdateUser");
});
