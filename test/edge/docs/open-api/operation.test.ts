import { beforeAll, describe, expect, test } from "vitest";
import { createContractDocument, createKitchenDocument } from "../contract.ts";
import {
  answerSchema,
  bodySchema,
  findOperation,
  findParameter,
  listEndpoints,
  type OpenApiDocument,
  parameterNames,
} from "../open-api-document.ts";

let contract: OpenApiDocument;
let kitchen: OpenApiDocument;

beforeAll(async () => {
  contract = await createContractDocument();
  kitchen = createKitchenDocument();
});

describe("paths", () => {
  test.each([
    ["ApplicationService_ListApplications", "/v1/applications"],
    ["ApplicationService_UpdateApplication", "/v1/applications/{application}"],
    ["ApplicationService_RotateApiKey", "/v1/applications/{application}:rotateApiKey"],
    ["ChatService_UpdateChat", "/v1/applications/{application}/chats/{chat}"],
    ["MessageService_GetMessage", "/v1/applications/{application}/chats/{chat}/messages/{message}"],
    ["SearchService_SearchMessages", "/v1/applications/{application}/chats/{chat}/messages:search"],
    ["KitchenService_CookDish", "/v1/menus/{menu}/dishes/{dish}:cook"],
    ["KitchenService_GetMenu", "/v1/menus/{id}"],
    ["KitchenService_ReadFile", "/v1/files/{path}"],
  ])("%s is at %s", (id, path) => {
    const all = [...listEndpoints(contract), ...listEndpoints(kitchen)];
    expect(all.find(({ operation }) => operation.operationId === id)?.path).toBe(path);
  });

  test("a variable has its part of the whole name's pattern", () => {
    expect(findParameter(contract, "ChatService_GetChat", "application")?.schema.pattern).toBe("^[0-9a-z]{26}$");
    expect(findParameter(contract, "ChatService_GetChat", "chat")?.schema.pattern).toBe("^[1-9][0-9]{0,9}$");
  });

  test("a field that is one segment alone keeps its own schema", () => {
    expect(findParameter(kitchen, "KitchenService_GetDish_2", "number")?.schema).toEqual({
      type: "integer",
      format: "int32",
      examples: [1],
    });
  });
});

describe("query parameters", () => {
  test("are the fields that neither path nor body binds", () => {
    const list = findOperation(contract, "MessageService_ListMessages");
    expect(parameterNames(list, "query")).toEqual([
      ...["pageSize", "pageToken", "order", "beforeNumber", "afterNumber", "aroundNumber"],
      ...["author", "startTime", "endTime"],
    ]);
    expect(parameterNames(findOperation(contract, "MessageService_CreateMessage"), "query")).toEqual(["requestId"]);
    expect(parameterNames(findOperation(contract, "MessageService_BatchCreateMessages"), "query")).toEqual([]);
  });

  test("are required where the field is", () => {
    expect(findParameter(contract, "SearchService_SearchMessages", "query")?.required).toBe(true);
    expect(findParameter(contract, "SearchService_SearchMessages", "order")?.required).toBeUndefined();
  });

  test("say that one of a oneof excludes the others", () => {
    expect(findParameter(contract, "MessageService_ListMessages", "afterNumber")?.description).toContain(
      "At most one of `beforeNumber`, `afterNumber`, `aroundNumber` can be set.",
    );
  });

  test("are as many as one text can hold: no lists of messages, no open structures", () => {
    const names = parameterNames(findOperation(kitchen, "KitchenService_FillSink"), "query");
    expect(names).toEqual(
      expect.arrayContaining(["anInt64", "otherName", "strings", "times", "mask", "wrappedInt64", "labels", "red"]),
    );
    for (const absent of ["many", "struct", "any", "value", "sinks", "nested"]) expect(names).not.toContain(absent);
  });

  test("a map is a deep object", () => {
    expect(findParameter(kitchen, "KitchenService_FillSink", "labels")?.style).toBe("deepObject");
  });

  test("a PATCH says what its mask defaults to", () => {
    const said = "over REST, those that the body has a key for, also empty ones.";
    expect(findParameter(contract, "ChatService_UpdateChat", "updateMask")?.description).toContain(said);
    expect(JSON.stringify(findOperation(contract, "ChatService_ListChats"))).not.toContain(said);
  });
});

describe("bodies", () => {
  test("a bound field is the body, and required where it is", () => {
    const create = findOperation(contract, "ChatService_CreateChat");
    expect(create.requestBody?.required).toBe(true);
    expect(bodySchema(create)).toEqual({ $ref: "#/components/schemas/Chat" });
  });

  test("a whole request leaves out what the path says", () => {
    const rotate = findOperation(contract, "ApplicationService_RotateApiKey");
    expect(rotate.requestBody?.required).toBe(false);
    expect(Object.keys(bodySchema(rotate)?.properties ?? {})).toEqual(["requestId"]);
    const batch = findOperation(contract, "MessageService_BatchCreateMessages");
    expect(batch.requestBody?.required).toBe(true);
    expect(bodySchema(batch)?.properties?.requests).toMatchObject({ minItems: 1, maxItems: 500 });
  });

  test("a whole request without variables is the request's own schema", () => {
    expect(bodySchema(findOperation(kitchen, "KitchenService_PostSink"))).toEqual({
      $ref: "#/components/schemas/Sink",
    });
  });

  test("nothing in a PATCH is required, though it is in a create", () => {
    expect(bodySchema(findOperation(contract, "ApplicationService_UpdateApplication"))?.required).toBeUndefined();
    expect(contract.components.schemas.Application?.required).toEqual(["displayName"]);
  });

  test("an item of a batch need not repeat the parent", () => {
    expect(contract.components.schemas.CreateMessageRequest?.required).toEqual(["message"]);
  });

  test("a GET or DELETE has none", () => {
    for (const { httpMethod, operation } of listEndpoints(contract)) {
      expect(operation.requestBody !== undefined, operation.operationId).toBe(["POST", "PATCH"].includes(httpMethod));
    }
  });
});

test("an answer is the response, its response_body, or an empty object", () => {
  expect(answerSchema(findOperation(contract, "ChatService_GetChat"))).toEqual({ $ref: "#/components/schemas/Chat" });
  expect(answerSchema(findOperation(kitchen, "KitchenService_SortTags"))).toEqual({
    type: "array",
    items: { type: "string" },
  });
  expect(answerSchema(findOperation(contract, "ChatService_DeleteChat"))).toEqual({ type: "object" });
});
