import { createRegistry, type DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { parse } from "../../../edge/transcode/request/parse.ts";
import { compile } from "../../../edge/transcode/routing/compile.ts";
import { lookup } from "../../../edge/transcode/routing/route-trie.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { contractServices, createContractDocument, createKitchenDocument, headerFields } from "./contract.ts";
import {
  type Endpoint,
  listEndpoints,
  type OpenApiDocument,
  type Parameter,
  type Schema,
} from "./open-api-document.ts";

type Case = [name: string, services: readonly DescService[], document: OpenApiDocument];

const cases: Case[] = [
  ["contract", contractServices, await createContractDocument()],
  ["kitchen", [KitchenService], createKitchenDocument()],
];

describe.each(cases)("what the %s's document says, the transcoder does", (_name, services, document) => {
  const trie = compile(services, headerFields);
  const registry = createRegistry();
  const endpoints = listEndpoints(document).map((endpoint) => [endpoint.operation.operationId, endpoint] as const);

  test.each(endpoints)("%s: the path leads to the method", (id, endpoint) => {
    const match = lookup(trie, endpoint.httpMethod, samplePath(endpoint, document));
    const method = match.kind === "route" ? match.route.method : undefined;
    expect(id.replace(/_\d+$/, "")).toBe(`${method?.parent.name}_${method?.name}`);
  });

  test.each(endpoints)("%s: each parameter is taken", (_id, endpoint) => {
    const match = lookup(trie, endpoint.httpMethod, samplePath(endpoint, document));
    if (match.kind !== "route") throw new Error("no route");
    for (const parameter of endpoint.operation.parameters ?? []) {
      const value = sample(parameter.schema, document);
      const key = parameter.style === "deepObject" ? `${parameter.name}[${sampleKey(parameter)}]` : parameter.name;
      const query = parameter.in === "query" ? `${key}=${encodeURIComponent(value)}` : "";
      const headers = parameter.in === "header" ? { [parameter.name.toLowerCase()]: value } : {};
      const body = new Uint8Array(0);
      expect(() => parse({ ...match, query, headers, body }, registry, {}), parameter.name).not.toThrow();
    }
  });
});

function samplePath({ path, operation }: Endpoint, document: OpenApiDocument): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name) => {
    const parameter = operation.parameters?.find((candidate) => candidate.name === name);
    return sample(parameter?.schema ?? {}, document);
  });
}

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
  const inner = (anyOf as Schema[] | undefined)?.[0] ?? items ?? additionalProperties;
  if (inner !== undefined) return sample(inner as Schema, document);
  const byFormat: Record<string, string> = {
    "date-time": "2026-01-02T03:04:05Z",
    uuid: "0b9f6d2e-1c1c-4a52-9d6a-3f3f3f3f3f3f",
    int64: "-9007199254740993",
    uint64: "9007199254740993",
  };
  const byType: Record<string, string> = { integer: "7", number: "1.5", boolean: "true" };
  const byPattern: Record<string, string> = { "^[0-9a-z]{26}$": "a1".repeat(13), "^[1-9][0-9]{0,9}$": "12" };
  if (schema.pattern?.endsWith("s$")) return "1.5s";
  return byFormat[schema.format ?? ""] ?? byPattern[schema.pattern ?? ""] ?? byType[schema.type ?? ""] ?? "YWJj";
}
