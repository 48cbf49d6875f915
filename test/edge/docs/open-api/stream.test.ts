import { describe, expect, test } from "vitest";
import { createKitchenDocument } from "../contract.ts";
import { findOperation } from "../open-api-document.ts";

const document = createKitchenDocument();
const dish = { $ref: "#/components/schemas/Dish" };
const item = { anyOf: [dish, { $ref: "#/components/schemas/Error" }] };

describe("a stream of answers", () => {
  const answer = findOperation(document, "StreamService_WatchDishes").responses[200];

  test("comes as a JSON array, as lines or as events, whose items are messages, or the error that ended it", () => {
    expect(Object.keys(answer?.content ?? {})).toEqual([
      "application/json",
      "application/x-ndjson",
      "text/event-stream",
    ]);
    expect(answer?.content["application/json"]?.schema).toEqual({ type: "array", items: item });
    expect(answer?.content["application/x-ndjson"]?.schema).toMatchObject(item);
    expect(answer?.content["text/event-stream"]?.schema).toMatchObject(item);
  });

  test("says how it ends", () => {
    expect(answer?.description).toMatch(/`error`.*`end`/s);
  });

  test("is of the response_body, where there is one", () => {
    const tags = findOperation(document, "StreamService_WatchTags").responses[200];
    expect(tags?.content["application/json"]?.schema.items?.anyOf?.[0]).toEqual({
      type: "array",
      items: { type: "string" },
    });
  });
});

test("a stream of requests is a body of lines", () => {
  const upload = findOperation(document, "StreamService_UploadDishes");
  expect(Object.keys(upload.requestBody?.content ?? {})).toEqual(["application/x-ndjson"]);
  expect(upload.requestBody?.content["application/x-ndjson"]?.schema).toEqual(dish);
  expect(upload.requestBody?.description).toContain("line");
  expect(Object.keys(upload.responses[200]?.content ?? {})).toEqual(["application/json"]);
});

test("both can be streams", () => {
  const converse = findOperation(document, "StreamService_Converse");
  expect(Object.keys(converse.requestBody?.content ?? {})).toEqual(["application/x-ndjson"]);
  expect(Object.keys(converse.responses[200]?.content ?? {})).toContain("text/event-stream");
});

test.each<[string, body: boolean, answer: boolean]>([
  ["WriteFile", true, false],
  ["ReadRaw", false, true],
  ["EchoRaw", true, true],
  ["ReadWrapped", false, true],
  ["Download", false, true],
  ["Upload", true, false],
])("%s: an HttpBody is bytes of any content type", (name, body, answer) => {
  const { requestBody, responses } = findOperation(document, `RawService_${name}`);
  const binary = { "*/*": { schema: { type: "string", format: "binary", description: expect.any(String) } } };
  if (body) expect(requestBody?.content).toEqual(binary);
  if (answer) expect(responses[200]?.content).toEqual(binary);
  expect(requestBody !== undefined).toBe(body);
  expect(Object.keys(responses[200]?.content ?? {})).toEqual([answer ? "*/*" : "application/json"]);
});

test("an HTTP method that OpenAPI has no place for is left out", () => {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const ids = operations.map(({ operationId }) => operationId);
  expect(ids).toEqual(expect.arrayContaining(["CustomService_Put", "CustomService_Head"]));
  expect(ids).not.toContain("CustomService_Any");
  expect(ids).not.toContain("CustomService_Report");
});
