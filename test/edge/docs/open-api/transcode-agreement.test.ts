import type { DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  contractServices,
  createContractDocument,
  createKitchenDocument,
  headerFields,
  kitchenServices,
} from "../contract.ts";
import {
  type Endpoint,
  listEndpoints,
  type OpenApiDocument,
  type Parameter,
  parameterNames,
  type Schema,
} from "../open-api-document.ts";
import { createRecorder, ETAG, exampleRequest } from "../recorded-calls.ts";

type Case = [name: string, services: readonly DescService[], document: OpenApiDocument];

const cases: Case[] = [
  ["contract", contractServices, await createContractDocument()],
  ["kitchen", kitchenServices, createKitchenDocument()],
];

describe.each(cases)("what the %s's document says, the transcoder does", async (_name, services, document) => {
  const { app, calls } = await createRecorder(services, headerFields);
  const endpoints = listEndpoints(document).map((endpoint) => [endpoint.operation.operationId, endpoint] as const);

  function send(endpoint: Endpoint, headers: Record<string, string> = {}, query = "") {
    const { headers: own, ...request } = exampleRequest(endpoint);
    return app.inject({ ...request, url: request.url + query, headers: { ...own, ...headers } });
  }

  test.each(endpoints)("%s: the path leads to the method", async (id, endpoint) => {
    await send(endpoint);
    const { method } = calls.at(-1)!;
    expect(id.replace(/_\d+$/, "")).toBe(`${method.parent.name}_${method.name}`);
  });

  test.each(endpoints)("%s: each parameter is taken", async (_id, endpoint) => {
    const { parameters = [] } = endpoint.operation;
    for (const parameter of parameters.filter(({ name, in: place }) => place !== "path" && !name.startsWith("If-"))) {
      const value = sample(parameter.schema, document);
      const key = parameter.style === "deepObject" ? `${parameter.name}[${sampleKey(parameter)}]` : parameter.name;
      const query = parameter.in === "query" ? `&${key}=${encodeURIComponent(value)}` : "";
      const headers = parameter.in === "header" ? { [parameter.name.toLowerCase()]: value } : {};
      const isInExample = exampleRequest(endpoint).url.includes(`${parameter.name}=`);
      const { statusCode, body } = await send(endpoint, headers, isInExample ? "" : query);
      expect(statusCode, `${parameter.name}: ${body}`).toBe(200);
    }
  });

  test.each(endpoints)("%s: the answer has the type that is asked for", async (_id, endpoint) => {
    const { responses } = endpoint.operation;
    for (const type of Object.keys(responses[200]?.content ?? {}).filter((each) => each !== "*/*")) {
      const { statusCode, headers } = await send(endpoint, { accept: type });
      expect(statusCode, type).toBe(200);
      expect(String(headers["content-type"]).split(";")[0]).toBe(type);
    }
    const { statusCode } = await send(endpoint, { accept: "text/csv" });
    expect(statusCode).toBe(responses[406] === undefined ? 200 : 406);
  });

  test.each(endpoints)("%s: a body of another type is refused where it says so", async (_id, endpoint) => {
    if (endpoint.operation.requestBody === undefined) return;
    const { statusCode } = await send(endpoint, { "content-type": "text/csv" });
    expect(statusCode).toBe(endpoint.operation.responses[415] === undefined ? 200 : 415);
  });

  test.each(endpoints)("%s: an unknown parameter is refused", async (_id, endpoint) => {
    expect((await send(endpoint, {}, "&unknown=1")).statusCode).toBe(400);
    expect(endpoint.operation.responses[400]).toBeDefined();
  });

  test.each(endpoints)("%s: the state of a resource is told and asked for in headers", async (_id, endpoint) => {
    const { operation } = endpoint;
    const { headers } = await send(endpoint);
    const isTold = operation.responses[200]?.headers?.ETag !== undefined;
    expect(headers.etag?.slice(0, ETAG.length + 2)).toBe(isTold ? `"${ETAG}.` : undefined);
    const conditions = parameterNames(operation, "header");
    if (conditions.includes("If-None-Match")) {
      const { statusCode, headers: kept, body } = await send(endpoint, { "if-none-match": headers.etag! });
      expect([statusCode, kept.etag, body]).toEqual([304, headers.etag, ""]);
    }
    if (conditions.includes("If-Match")) {
      const tag = headers.etag ?? `"${ETAG}"`;
      expect((await send(endpoint, { "if-match": tag })).statusCode).toBe(200);
      expect((await send(endpoint, { "if-match": `W/"${ETAG}"` })).statusCode).toBe(412);
    }
  });
});

function sampleKey({ name }: Parameter): string {
  return { counts: "true", served: "7" }[name] ?? "key";
}

/** A text that a URL can hold for a value of the schema. */
function sample(schema: Schema, document: OpenApiDocument): string {
  const { $ref, anyOf, items, additionalProperties } = schema;
  if ($ref !== undefined) {
    return sample(document.components.schemas[$ref.split("/").at(-1) ?? ""] ?? {}, document);
  }
  if (schema.enum !== undefined) return String(schema.enum.at(-1));
  const inner = anyOf?.[0] ?? items ?? additionalProperties;
  if (inner !== undefined) return sample(inner as Schema, document);
  const byFormat: Record<string, string> = {
    "date-time": "2026-01-02T03:04:05Z",
    uuid: "0b9f6d2e-1c1c-4a52-9d6a-3f3f3f3f3f3f",
    int64: "-9007199254740993",
    uint64: "9007199254740993",
  };
  const byType: Record<string, string> = { integer: "7", number: "1.5", boolean: "true" };
  if (schema.pattern?.endsWith("s$")) return "1.5s";
  return byFormat[schema.format ?? ""] ?? byType[schema.type ?? ""] ?? "YWJj";
}
