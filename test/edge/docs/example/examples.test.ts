import { createRegistry, type DescMethod, type DescService, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { describe, expect, test } from "vitest";
import {
  contractServices,
  createContractDocument,
  createKitchenDocument,
  headerFields,
  kitchenServices,
} from "../contract.ts";
import { type Endpoint, errorAnswers, listEndpoints, type OpenApiDocument } from "../open-api-document.ts";
import { createRecorder, exampleRequest } from "../recorded-calls.ts";
import { createSchemaValidator } from "../schema-validator.ts";

type Case = [name: string, services: readonly DescService[], document: OpenApiDocument];

const cases: Case[] = [
  ["contract", contractServices, await createContractDocument()],
  ["kitchen", kitchenServices, createKitchenDocument()],
];

describe.each(cases)("the examples of the %s's document", async (_name, services, document) => {
  const endpoints = listEndpoints(document).map((endpoint) => [endpoint.operation.operationId, endpoint] as const);
  const recorder = await createRecorder(services, headerFields);
  const validator = createValidator();
  const isOfSchema = createSchemaValidator(document);
  const methods = new Map(
    services.flatMap(({ methods: own }) => own.map((method) => [`${method.parent.name}_${method.name}`, method])),
  );

  function methodOf(id: string): DescMethod {
    return methods.get(id.replace(/_\d+$/, ""))!;
  }

  test.each(endpoints)(
    "%s: the request is one of the method, and keeps the rules of its fields",
    async (id, endpoint) => {
      const response = await recorder.app.inject(exampleRequest(endpoint));
      expect(response.statusCode, response.body).toBe(200);
      const call = recorder.calls.pop();
      expect(call?.method).toBe(methodOf(id));
      expect(call?.messages).toHaveLength(1);
      for (const message of call?.messages ?? []) {
        expect(validator.validate(methodOf(id).input, message as never).kind).toBe("valid");
      }
    },
  );

  test.each(endpoints)("%s: the request is of the schemas", (_id, { operation }) => {
    for (const { schema, example } of operation.parameters ?? []) {
      for (const value of [example, ...(schema.examples ?? [])]) {
        if (value !== undefined) expect(isOfSchema(schema, value)).toBeNull();
      }
    }
    for (const { schema, example } of Object.values(operation.requestBody?.content ?? {})) {
      if (example !== undefined) expect(isOfSchema(schema, example)).toBeNull();
    }
  });

  test.each(endpoints)("%s: the answer is one of the method, and of the schema", (id, { operation }) => {
    const contents = Object.entries(operation.responses[200]?.content ?? {});
    for (const [type, { schema, example }] of contents.filter(([contentType]) => contentType !== "*/*")) {
      expect(example, type).toBeDefined();
      expect(isOfSchema(schema, example!), type).toBeNull();
      for (const json of itemsOf(type, contents.length > 1, example!)) {
        const message = parseAnswer(methodOf(id), id, json);
        expect(validator.validate(methodOf(id).output, message as never).kind).toBe("valid");
      }
    }
  });

  test.each(endpoints)("%s: each error is of the schema of its status", (_id, { operation }) => {
    const answers = Object.entries(errorAnswers(document, operation));
    expect(answers.length).toBeGreaterThan(2);
    for (const [status, { content }] of answers.filter(([name]) => name !== "default")) {
      const { schema, examples = {} } = content["application/json"]!;
      expect(Object.keys(examples).length).toBeGreaterThan(0);
      for (const { value } of Object.values(examples)) {
        expect(isOfSchema(schema, value)).toBeNull();
        expect(value).toMatchObject({ error: { code: Number(status) } });
      }
    }
  });
});

function itemsOf(type: string, streamed: boolean, example: JsonValue): JsonValue[] {
  return streamed && type === "application/json" ? (example as JsonValue[]) : [example];
}

/** With the field of `response_body` put back. */
function parseAnswer({ output }: DescMethod, id: string, json: JsonValue) {
  const field = { KitchenService_SortTags: "tags", StreamService_WatchTags: "tags" }[id];
  return fromJson(output, field === undefined ? json : { [field]: json }, { registry: createRegistry(output) });
}

test("what a request must not repeat, or cannot know, is in no example of one", async () => {
  const unwanted = /"(requestId|etag|pageToken|name|createTime|apiKey)":/;
  for (const { operation } of listEndpoints(cases[0]![2])) {
    expect(JSON.stringify(operation.requestBody?.content["application/json"]?.example ?? null)).not.toMatch(unwanted);
  }
});

function endpointOf(document: OpenApiDocument, id: string): Endpoint {
  return listEndpoints(document).find(({ operation }) => operation.operationId === id)!;
}

test("an optional parameter is not sent by a page that sends all examples: it has no `example` of its own", () => {
  for (const { operation } of listEndpoints(cases[0]![2])) {
    for (const { name, required, example } of operation.parameters ?? []) {
      if (!required) expect(example, `${operation.operationId} ${name}`).toBeUndefined();
    }
  }
  const search = endpointOf(cases[0]![2], "SearchService_SearchMessages").operation;
  expect(search.parameters?.find(({ name }) => name === "query")?.example).toBe("cake");
});

test("examples tell one story: the names in paths are those of answers", () => {
  const { url } = exampleRequest(endpointOf(cases[0]![2], "MessageService_GetMessage"));
  const { operation } = endpointOf(cases[0]![2], "MessageService_GetMessage");
  const answer = operation.responses[200]?.content["application/json"]?.example as { name: string };
  expect(url).toBe(`/v1/${answer.name}?`);
});

test("the key is in the answers that tell it, and in no other", () => {
  const told = listEndpoints(cases[0]![2]).filter(({ operation }) =>
    JSON.stringify(operation.responses[200]).includes('"apiKey":'),
  );
  expect(told.map(({ operation }) => operation.operationId)).toEqual([
    "ApplicationService_CreateApplication",
    "ApplicationService_RotateApiKey",
  ]);
});
