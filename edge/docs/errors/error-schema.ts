import type { DescEnum, JsonObject } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { statusOf } from "../../transcode/index.ts";
import { describe, describeValues, withDescription } from "../schema/description.ts";
import type { ProtoComments } from "../schema/proto-comments.ts";

/**
 * The schemas of an error's body and of the details in it.
 *
 * @param reasons the values that `reason` can have, but for the first
 */
export function errorSchemas(reasons: DescEnum, comments: ProtoComments): Record<string, JsonObject> {
  return {
    Error: object("What a failed call answers.", { error: { $ref: "#/components/schemas/ErrorStatus" } }, ["error"]),
    ErrorStatus: errorStatus,
    ErrorInfo: errorInfo,
    ErrorReason: reasonSchema(reasons, comments),
    BadRequest: badRequest,
    ErrorDetail: {
      ...object("Any other detail.", { "@type": { type: "string", description: "The type's URL." } }, ["@type"]),
      additionalProperties: true,
    },
  };
}

const codes = Object.values(Code).filter((code) => typeof code === "number");

const errorStatus = object(
  "Why a call failed.",
  {
    code: { type: "integer", format: "int32", description: "The HTTP status." },
    status: {
      type: "string",
      enum: codes.map((code) => statusOf(code).name),
      description: "The name of the google.rpc.Code.",
    },
    message: { type: "string", description: "For people: what is wrong, and what to do." },
    details: {
      type: "array",
      items: {
        anyOf: ["ErrorInfo", "BadRequest", "ErrorDetail"].map((name) => ({ $ref: `#/components/schemas/${name}` })),
      },
      description: "One ErrorInfo, and what else there is to say.",
    },
  },
  ["code", "status", "message", "details"],
);

const errorInfo = detail("google.rpc.ErrorInfo", "The reason, for programs.", {
  reason: { $ref: "#/components/schemas/ErrorReason" },
  domain: { type: "string", description: "Whose reason it is." },
  metadata: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "What the error is about, such as the `resource`.",
  },
});

const badRequest = detail("google.rpc.BadRequest", "The fields that break their rules.", {
  fieldViolations: {
    type: "array",
    items: object("A broken rule.", {
      field: { type: "string", description: "The field's path in the request, in proto names." },
      description: { type: "string", description: "What is wrong with it." },
    }),
  },
});

function reasonSchema(reasons: DescEnum, comments: ProtoComments): JsonObject {
  const values = reasons.values.slice(1);
  const list = describeValues(values, comments, (value) => value.localName);
  return {
    type: "string",
    ...withDescription(describe(reasons, comments), list),
    enum: values.map((value) => value.localName),
  };
}

function detail(typeName: string, description: string, properties: JsonObject): JsonObject {
  const type = { const: `type.googleapis.com/${typeName}` };
  return object(description, { "@type": type, ...properties }, ["@type"]);
}

function object(description: string, properties: JsonObject, required?: string[]): JsonObject {
  return { type: "object", description, properties, ...(required && { required }) };
}
