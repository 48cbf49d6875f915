import { describe, expect, test } from "vitest";
import { REFUSAL_REASONS } from "../../../../edge/api/refusal-reasons.ts";
import { ErrorReasonSchema } from "../../../../gen/parley/v1/error_reason_pb.ts";
import { rateLimited } from "../../../../services/limits/rate-limited.ts";
import { createContractDocument, createKitchenDocument } from "../contract.ts";
import { errorAnswers, findOperation, listEndpoints, type OpenApiDocument } from "../open-api-document.ts";
import { createSchemaValidator } from "../schema-validator.ts";

const contract = await createContractDocument();
const kitchen = createKitchenDocument();

/** `400 MALFORMED_REQUEST`, … */
function failuresOf(document: OpenApiDocument, id: string): string[] {
  const answers = Object.entries(errorAnswers(document, findOperation(document, id)));
  return answers.flatMap(([status, { content }]) =>
    Object.keys(content["application/json"]?.examples ?? {}).map((reason) => `${status} ${reason}`),
  );
}

/** What every call to Parley can fail for. */
const anyCall = [
  ...["400 MALFORMED_REQUEST", "400 FIELD_INVALID"],
  ...["406 NOT_ACCEPTABLE", "429 RATE_LIMITED", "429 TOO_MANY_PENDING", "431 REQUEST_TOO_LARGE"],
  ...["499 CANCELLED", "500 INTERNAL"],
  ...["503 STORE_UNAVAILABLE", "503 SHUTTING_DOWN", "503 SERVICE_UNAVAILABLE", "504 DEADLINE_EXCEEDED"],
];
const withKey = ["401 CREDENTIAL_MISSING", "401 CREDENTIAL_INVALID"];
/** Of what a user may call, too. */
const withToken = [...withKey, "401 TOKEN_EXPIRED"];
const withBody = ["413 REQUEST_TOO_LARGE", "415 UNSUPPORTED_MEDIA_TYPE"];
const withEtag = ["409 ETAG_MISMATCH", "412 ETAG_MISMATCH"];

describe("an operation tells of the reasons that it can fail for, by status", () => {
  test.each<[string, string[]]>([
    ["ApplicationService_CreateApplication", [...withKey, ...withBody, "403 METHOD_DENIED", "409 REQUEST_ID_REUSED"]],
    ["ApplicationService_ListApplications", [...withKey, "400 PAGE_TOKEN_INVALID", "403 METHOD_DENIED"]],
    [
      "ApplicationService_DeleteApplication",
      [...withKey, ...["400 HAS_CHILDREN", "403 METHOD_DENIED", "404 RESOURCE_NOT_FOUND"], ...withEtag],
    ],
    [
      "ChatService_CreateChat",
      [
        ...[...withToken, ...withBody, "403 FIELD_DENIED"],
        ...["404 RESOURCE_NOT_FOUND", "409 REQUEST_ID_REUSED", "429 NUMBERS_EXHAUSTED"],
      ],
    ],
    ["ChatService_GetChat", [...withToken, "403 FIELD_DENIED", "404 RESOURCE_NOT_FOUND"]],
    [
      "ChatService_UpdateChat",
      [...withToken, ...withBody, ...withEtag, "400 KIND_MISMATCH", "403 ROLE_DENIED", "404 RESOURCE_NOT_FOUND"],
    ],
    [
      "MessageService_UpdateMessage",
      [
        ...[...withToken, ...withBody, ...withEtag, "400 MESSAGE_DELETED", "400 KIND_MISMATCH"],
        ...["403 ROLE_DENIED", "403 MUTED", "404 RESOURCE_NOT_FOUND"],
      ],
    ],
    ["SearchService_SearchMessages", [...withToken, "400 PAGE_TOKEN_INVALID", "404 RESOURCE_NOT_FOUND"]],
    ["AuthService_LogIn", [...withBody, "401 LOGIN_FAILED"]],
    ["AuthService_RefreshTokens", [...withBody, "401 CREDENTIAL_INVALID"]],
  ])("%s", (id, own) => {
    expect(failuresOf(contract, id).sort()).toEqual([...anyCall, ...own].sort());
  });

  test("and of all that may come beside them", () => {
    for (const { operation } of listEndpoints(contract)) {
      expect(operation.responses.default).toEqual({ $ref: "#/components/responses/Error" });
    }
  });
});

test("every reason is an answer of some operation, but those of paths and methods that are not there", () => {
  const found = new Set(
    listEndpoints(contract).flatMap(({ operation }) =>
      failuresOf(contract, operation.operationId).map((failure) => failure.split(" ")[1]),
    ),
  );
  const missing = ErrorReasonSchema.values.slice(1).filter(({ localName }) => !found.has(localName));
  expect(missing.map(({ localName }) => localName)).toEqual(["METHOD_NOT_FOUND", "METHOD_NOT_ALLOWED"]);
  for (const reason of missing) expect(contract.info.description).toContain(reason.localName);
});

test("a reason says when it comes, and what its metadata holds", () => {
  const answers = errorAnswers(contract, findOperation(contract, "ChatService_UpdateChat"));
  expect(answers[409]?.description).toBe(
    "`ETAG_MISMATCH`: The etag is not the current one: read the resource again, and decide anew.",
  );
  expect(answers[409]?.content["application/json"]?.examples?.ETAG_MISMATCH?.value).toMatchObject({
    error: {
      status: "ABORTED",
      details: [{ reason: "ETAG_MISMATCH", domain: "parley", metadata: { resource: expect.stringMatching(/^app/) } }],
    },
  });
});

test("broken fields are named beside the reason", () => {
  const { 400: answer } = errorAnswers(contract, findOperation(contract, "ChatService_UpdateChat"));
  expect(answer?.content["application/json"]?.examples?.FIELD_INVALID?.value).toMatchObject({
    error: {
      details: [
        { reason: "FIELD_INVALID" },
        { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "chat.title" }] },
      ],
    },
  });
});

test("401 names the scheme", () => {
  const { 401: answer } = errorAnswers(contract, findOperation(contract, "ChatService_GetChat"));
  expect(Object.keys(answer?.headers ?? {})).toEqual(["WWW-Authenticate"]);
});

test("429 says when to repeat the call, and of which limit; the headers are those that are sent", () => {
  const { 429: answer } = errorAnswers(contract, findOperation(contract, "ChatService_GetChat"));
  const names = Object.keys(answer?.headers ?? {});
  expect(names).toEqual(["Retry-After", "RateLimit", "RateLimit-Policy"]);
  const quota = { name: "user-messages-minute", max: 60, windowMs: 60_000 } as const;
  const { metadata } = rateLimited({ quota, remaining: 0, resetMs: 12_000 });
  for (const name of names) expect(answer!.headers![name]!.schema.examples).toEqual([metadata.get(name)]);
});

describe("the schema of an answer", () => {
  const validate = createSchemaValidator(contract);
  const { 409: answer } = errorAnswers(contract, findOperation(contract, "ChatService_UpdateChat"));
  const schema = answer!.content["application/json"]!.schema;
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "ETAG_MISMATCH", domain: "parley" };
  const status = { code: 409, status: "ABORTED", message: "m", details: [info] };

  test("takes its reasons under its status", () => {
    expect(validate(schema, { error: status })).toBeNull();
  });

  test.each([
    ["another reason", { ...status, details: [{ ...info, reason: "INTERNAL" }] }],
    ["no reason", { ...status, details: [] }],
    ["another status", { ...status, code: 412 }],
    ["another code", { ...status, status: "INTERNAL" }],
  ])("refuses %s", (_what, error) => {
    expect(validate(schema, { error })).not.toBeNull();
  });
});

test("what the transcoder refuses has its reason on the routes where it can", () => {
  expect(failuresOf(kitchen, "KitchenService_UpdateDish")).toEqual([
    ...["400 MALFORMED_REQUEST", "406 NOT_ACCEPTABLE", "412 ETAG_MISMATCH"],
    ...["413 REQUEST_TOO_LARGE", "415 UNSUPPORTED_MEDIA_TYPE"],
    ...["429 TOO_MANY_PENDING", "431 REQUEST_TOO_LARGE", "500 INTERNAL"],
  ]);
  expect(failuresOf(kitchen, "RawService_ReadRaw")).toEqual([
    ...["400 MALFORMED_REQUEST", "429 TOO_MANY_PENDING", "431 REQUEST_TOO_LARGE", "500 INTERNAL"],
  ]);
  expect(failuresOf(kitchen, "RawService_EchoRaw")).not.toContain("415 UNSUPPORTED_MEDIA_TYPE");
});

test("the reasons are a schema of their own", () => {
  const reasons = contract.components.schemas.ErrorReason?.enum;
  expect(reasons).toEqual(expect.arrayContaining(Object.values(REFUSAL_REASONS)));
  expect(reasons).not.toContain("UNSPECIFIED");
});
