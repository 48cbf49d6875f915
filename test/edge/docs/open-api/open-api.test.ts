import { hasOption } from "@bufbuild/protobuf";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import { http } from "../../../../gen/google/api/annotations_pb.ts";
import { DuplicateService, file_kitchen_v1_broken } from "../../transcode/gen/kitchen/v1/broken_pb.ts";
import {
  contractServices,
  createBareDocument,
  createContractDocument,
  createKitchenDocument,
  kitchenServices,
} from "../contract.ts";
import {
  answerSchema,
  bodySchema,
  findOperation,
  listEndpoints,
  type OpenApiDocument,
  parameterNames,
} from "../open-api-document.ts";
import { createSchemaValidator } from "../schema-validator.ts";

let contract: OpenApiDocument;
let kitchen: OpenApiDocument;

beforeAll(async () => {
  contract = await createContractDocument();
  kitchen = createKitchenDocument();
});

describe.each([
  ["the contract", () => contract],
  ["services with every kind of field and binding", () => kitchen],
])("the document of %s", (_name, get) => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(get()))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("has schemas of JSON Schema 2020-12, whose references all resolve", () => {
    const document = get();
    const validate = createSchemaValidator(document);
    const schemas = listEndpoints(document).flatMap(({ operation }) => [
      ...(operation.parameters ?? []).map(({ schema }) => schema),
      ...[bodySchema(operation), answerSchema(operation)].filter((schema) => schema !== undefined),
    ]);
    for (const schema of [...schemas, ...Object.values(document.components.schemas)]) validate(schema, null);
  });

  test("refers to nothing that it does not have", () => {
    const text = JSON.stringify(get());
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path?.split("/") ?? []);
    expect(references.length).toBeGreaterThan(0);
    for (const path of references) {
      const target = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], get());
      expect(target, path.join("/")).toBeTypeOf("object");
    }
  });

  test("declares each variable of a path, once, and no other", () => {
    for (const { path, operation } of listEndpoints(get())) {
      const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameterNames(operation, "path"), path).toEqual(variables);
      expect(new Set(variables).size, path).toBe(variables.length);
    }
  });

  test("has no two paths of the same form", () => {
    const forms = Object.keys(get().paths).map((path) => path.replaceAll(/\{\w+\}/g, "{}"));
    expect(new Set(forms).size).toBe(forms.length);
  });

  test("has no two parameters of one name in one place, and no two operations of one id", () => {
    const endpoints = listEndpoints(get());
    const ids = endpoints.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of endpoints) {
      const keys = (operation.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(keys).size, operation.operationId).toBe(keys.length);
    }
  });
});

test("every method with an http option is there, under the tag of its service", () => {
  const methods = contractServices.flatMap((service) => service.methods).filter((method) => hasOption(method, http));
  const expected = methods.map((method) => [`${method.parent.name}_${method.name}`, [method.parent.name]]);
  const found = listEndpoints(contract).map(({ operation }) => [operation.operationId, operation.tags]);
  expect(found.sort()).toEqual(expected.sort());
  expect(contract.tags.map(({ name }) => name)).toEqual(contractServices.map(({ name }) => name));
});

test("a method without an http option is left out", () => {
  expect(JSON.stringify(kitchen)).not.toContain("KitchenService_Unbound");
});

test("an additional binding has a path and an id of its own", () => {
  expect(kitchen.paths["/v1/menus/{menu}/dishes/{dish}"]?.get?.operationId).toBe("KitchenService_GetDish");
  expect(kitchen.paths["/v1/dishes/{number}"]?.get?.operationId).toBe("KitchenService_GetDish_2");
});

test("a method whose request has a request_id takes it as Idempotency-Key too", () => {
  const withKey = listEndpoints(contract).filter(({ operation }) =>
    parameterNames(operation, "header").includes("Idempotency-Key"),
  );
  expect(withKey.map(({ operation }) => operation.operationId).sort()).toEqual([
    "ApplicationService_CreateApplication",
    "ApplicationService_RotateApiKey",
    "ChatService_CreateChat",
    "MessageService_BatchCreateMessages",
    "MessageService_CreateMessage",
    "UserService_CreateUser",
  ]);
});

test("comments of the protos are the descriptions", () => {
  const create = findOperation(contract, "ChatService_CreateChat");
  expect(create.summary).toBe("Creates a chat under the application's next number");
  expect(create.description).toBe("Creates a chat under the application's next number. Answered once it is durable.");
  expect(contract.tags.find(({ name }) => name === "ChatService")?.description).toMatch(/^Chats: /);
  const { Chat, "Chat.Kind": kind } = contract.components.schemas;
  expect(Chat?.description).toMatch(/^A numbered conversation/);
  expect(Chat?.properties?.title?.description).toMatch(/^What people call it: up to 200 code points; may be empty\./);
  expect(kind?.description).toContain("- `KIND_OPEN`: The application's backend writes");
});

test("without comments there are no descriptions but those of errors and types", () => {
  expect(kitchen.components.schemas.Dish?.description).toBeUndefined();
  expect(kitchen.tags).toEqual(kitchenServices.map(({ name }) => ({ name })));
});

describe("what the transcoder refuses to serve is refused here too, with the method's name", () => {
  test.each([
    ["CapturedBodyService", "Call: name is bound by the path and by the body"],
    ["BadKindService", 'Call: "FETCH" is not an HTTP method'],
    ["DuplicateService", "Second: GET /v1/things/{name} matches what kitchen.v1.DuplicateService.First is bound to"],
  ])("%s", (name, problem) => {
    const service = file_kitchen_v1_broken.services.find((candidate) => candidate.name === name)!;
    expect(() => createBareDocument([service])).toThrow(new Error(`kitchen.v1.${name}.${problem}`));
  });

  test("all at once, a line each", () => {
    const service = file_kitchen_v1_broken.services.find(({ name }) => name === "CapturedBodyService")!;
    expect(() => createBareDocument([service, DuplicateService])).toThrow(/CapturedBodyService.*\n.*DuplicateService/);
  });
});
