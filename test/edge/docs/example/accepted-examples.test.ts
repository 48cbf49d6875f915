import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startParley } from "../../../parley-in-process.ts";
import { createContractDocument } from "../contract.ts";
import { answerSchema, type Endpoint, errorAnswers, listEndpoints } from "../open-api-document.ts";
import { exampleRequest } from "../recorded-calls.ts";
import { createSchemaValidator } from "../schema-validator.ts";

const document = await createContractDocument();
const isOfSchema = createSchemaValidator(document);
const endpoints = listEndpoints(document).map((endpoint) => [endpoint.operation.operationId, endpoint] as const);
let parley: Awaited<ReturnType<typeof startParley>>;

beforeAll(async () => {
  parley = await startParley();
});

afterAll(() => parley.stop());

type Json = { [key: string]: unknown };

async function call(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const all = new Headers({ ...withKey(parley.adminKey), ...type, ...headers });
  const response = await fetch(parley.address + path, { method, headers: all, ...(body !== undefined && { body }) });
  return { status: response.status, json: (await response.json()) as Json };
}

function withKey(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/**
 * A world in which the resource that an operation is for is there: an application of its own with the chat and message
 * 1 of the examples, but nothing below what is to be deleted.
 */
async function createWorld(id: string): Promise<string> {
  const { json: application } = await call("POST", "/v1/applications", '{"displayName":"Example"}');
  const name = String(application.name);
  if (id === "ApplicationService_DeleteApplication") return name;
  await call("POST", `/v1/${name}/chats`, "{}");
  if (id !== "ChatService_DeleteChat") await call("POST", `/v1/${name}/chats/1/messages`, '{"body":"A cake, please."}');
  return name;
}

/** Sends what the examples say, to an application that is there. */
async function sendExample(endpoint: Endpoint, application: string, headers?: Record<string, string>) {
  const { method, url, payload } = exampleRequest(endpoint);
  return call(method, url.replace(/applications\/[0-9a-z]{26}/, application), payload, headers);
}

test.each(endpoints)(
  "%s: Parley takes the example, once and again, and answers by the schema",
  async (id, endpoint) => {
    const application = await createWorld(id);
    const first = await sendExample(endpoint, application);
    expect(first.status, JSON.stringify(first.json)).toBe(200);
    expect(isOfSchema(answerSchema(endpoint.operation)!, first.json as never)).toBeNull();
    const again = await sendExample(endpoint, application);
    const isGone = ["ApplicationService_DeleteApplication", "ChatService_DeleteChat"].includes(id);
    expect(again.status, JSON.stringify(again.json)).toBe(isGone ? 404 : 200);
  },
);

describe("what Parley refuses, it refuses as the document says", () => {
  const nowhere = `applications/${"0".repeat(26)}`;
  const withBody = endpoints.filter(([, { operation }]) => operation.requestBody !== undefined);
  const withCondition = endpoints.filter(([, { operation }]) => operation.responses[412] !== undefined);
  const below = endpoints.filter(([, { path }]) => path.includes("{application}"));

  async function expectRefusal(endpoint: Endpoint, reason: string, headers: Record<string, string>, where = nowhere) {
    const { json, status } = await sendExample(endpoint, where, headers);
    expect(JSON.stringify(json)).toContain(`"reason":"${reason}"`);
    const answer = errorAnswers(document, endpoint.operation)[status];
    expect(answer, `${status} ${JSON.stringify(json)}`).toBeDefined();
    expect(isOfSchema(answer!.content["application/json"]!.schema, json as never)).toBeNull();
  }

  test.each(endpoints)("%s with a key that is none", (_id, endpoint) =>
    expectRefusal(endpoint, "CREDENTIAL_INVALID", withKey("parley_unknown")),
  );

  test.each(endpoints)("%s for another type of answer", (_id, endpoint) =>
    expectRefusal(endpoint, "NOT_ACCEPTABLE", { accept: "text/csv" }),
  );

  test.each(withBody)("%s with another type of body", (_id, endpoint) =>
    expectRefusal(endpoint, "UNSUPPORTED_MEDIA_TYPE", { "content-type": "text/csv" }),
  );

  test.each(below)("%s of an application that is not there", (_id, endpoint) =>
    expectRefusal(endpoint, "RESOURCE_NOT_FOUND", {}),
  );

  test.each(withCondition)("%s in another state", async (id, endpoint) =>
    expectRefusal(endpoint, "ETAG_MISMATCH", { "if-match": '"old"' }, await createWorld(id)),
  );

  test("whatever the key of an application does not open", async () => {
    const { json } = await call("POST", "/v1/applications", '{"displayName":"Example"}');
    const key = withKey(String(json.apiKey));
    const closed = endpoints.filter(([, { operation }]) => operation.responses[403] !== undefined);
    for (const [, endpoint] of closed) await expectRefusal(endpoint, "METHOD_DENIED", key, String(json.name));
    expect(closed.length).toBeGreaterThan(0);
  });
});
