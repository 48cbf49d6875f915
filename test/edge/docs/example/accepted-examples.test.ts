import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Mailbox, openMailbox } from "../../../mailbox.ts";
import { startParley } from "../../../parley-in-process.ts";
import { createContractDocument } from "../contract.ts";
import { answerSchema, type Endpoint, errorAnswers, listEndpoints } from "../open-api-document.ts";
import { exampleRequest } from "../recorded-calls.ts";
import { createSchemaValidator } from "../schema-validator.ts";
import { type Call, createWorld, type World } from "./example-world.ts";

const document = await createContractDocument();
const isOfSchema = createSchemaValidator(document);
const endpoints = listEndpoints(document).map((endpoint) => [endpoint.operation.operationId, endpoint] as const);
let mailbox: Mailbox;
let parley: Awaited<ReturnType<typeof startParley>>;

beforeAll(async () => {
  mailbox = await openMailbox();
  parley = await startParley(mailbox.settings);
});

afterAll(async () => {
  await parley.stop();
  await mailbox.close();
});

const call: Call = async (method, path, body, headers = {}) => {
  const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
  const all = new Headers({ ...withKey(parley.adminKey), ...type, ...headers });
  const response = await fetch(parley.address + path, { method, headers: all, ...(body !== undefined && { body }) });
  return { status: response.status, json: (await response.json()) as { [key: string]: unknown } };
};

function withKey(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}

/** Sends what the examples say to a world. */
async function sendExample(endpoint: Endpoint, world: World, headers?: Record<string, string>) {
  const { application, change = (request) => request } = world;
  const { method, url, payload } = exampleRequest(endpoint);
  const path = change(url.replace(/applications\/[0-9a-z]{26}/, application));
  return call(method, path, payload && change(payload), headers ?? world.headers);
}

/** What is answered to the same again, where that is not 200: what it was about is gone, used up, or there already. */
const AGAIN: Record<string, number> = {
  ApplicationService_DeleteApplication: 404,
  ChatService_DeleteChat: 404,
  MemberService_RemoveMember: 404,
  UserService_CreateUser: 409,
  UserService_DeleteUser: 404,
  AuthService_ActivateUser: 400,
  AuthService_ResetPassword: 400,
  AuthService_ChangePassword: 401,
  AuthService_CreateTokenKey: 409,
  AuthService_DeleteTokenKey: 404,
};

test.each(endpoints)(
  "%s: Parley takes the example, once and again, and answers by the schema",
  async (id, endpoint) => {
    const world = await createWorld(call, mailbox, id);
    const first = await sendExample(endpoint, world);
    expect(first.status, JSON.stringify(first.json)).toBe(200);
    const schema = answerSchema(endpoint.operation);
    if (schema) expect(isOfSchema(schema, first.json as never)).toBeNull();
    const again = await sendExample(endpoint, world);
    expect(again.status, JSON.stringify(again.json)).toBe(AGAIN[id] ?? 200);
  },
);

describe("what Parley refuses, it refuses as the document says", () => {
  const nowhere = `applications/${"0".repeat(26)}`;
  const withBody = endpoints.filter(([, { operation }]) => operation.requestBody !== undefined);
  const withCondition = endpoints.filter(([, { operation }]) => operation.responses[412] !== undefined);
  const withCredential = endpoints.filter(([, { operation }]) => operation.security?.length !== 0);
  const rendered = endpoints.filter(([, { operation }]) => operation.responses[406] !== undefined);
  /** What they name besides is found out about before. */
  const namingOthers = ["AuthService_ChangePassword", "MemberService_AddMembers", "SupportService_AssignSupportChat"];
  const below = endpoints.filter(
    ([id, { operation }]) => operation.responses[404] !== undefined && !namingOthers.includes(id),
  );

  async function expectRefusal(
    endpoint: Endpoint,
    reason: string,
    headers: Record<string, string>,
    where: World = { application: nowhere },
  ) {
    const { json, status } = await sendExample(endpoint, where, headers);
    expect(JSON.stringify(json)).toContain(`"reason":"${reason}"`);
    const answer = errorAnswers(document, endpoint.operation)[status];
    expect(answer, `${status} ${JSON.stringify(json)}`).toBeDefined();
    expect(isOfSchema(answer!.content["application/json"]!.schema, json as never)).toBeNull();
  }

  test.each(withCredential)("%s with a key that is none", (_id, endpoint) =>
    expectRefusal(endpoint, "CREDENTIAL_INVALID", withKey("parley_unknown")),
  );

  test.each(rendered)("%s for another type of answer", (_id, endpoint) =>
    expectRefusal(endpoint, "NOT_ACCEPTABLE", { accept: "text/csv" }),
  );

  test.each(withBody)("%s with another type of body", (_id, endpoint) =>
    expectRefusal(endpoint, "UNSUPPORTED_MEDIA_TYPE", { "content-type": "text/csv" }),
  );

  test.each(below)("%s of an application that is not there", (_id, endpoint) =>
    expectRefusal(endpoint, "RESOURCE_NOT_FOUND", {}),
  );

  test.each(withCondition)("%s in another state", async (id, endpoint) =>
    expectRefusal(endpoint, "ETAG_MISMATCH", { "if-match": '"old"' }, await createWorld(call, mailbox, id)),
  );

  test("whatever the key of an application does not open", async () => {
    const { json } = await call("POST", "/v1/applications", '{"displayName":"Example"}');
    const key = withKey(String(json.apiKey));
    const closed = withCredential.filter(([, { operation }]) => !operation.security?.some((each) => "apiKey" in each));
    const world = { application: String(json.name) };
    for (const [, endpoint] of closed) await expectRefusal(endpoint, "METHOD_DENIED", key, world);
    expect(closed.length).toBeGreaterThan(0);
  });
});
