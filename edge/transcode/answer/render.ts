import { create, type DescField, type DescMessage, type JsonValue, type Registry, toJson } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import type { Code } from "@connectrpc/connect";
import type { RpcAnswer } from "../call.ts";
import { toAnswerHeaders } from "../request/call-metadata.ts";
import { JSON_TYPE } from "../request/media-type.ts";
import type { Route } from "../routing/route.ts";

/** An answer over HTTP. */
export type Reply = {
  /** HTTP status. */
  readonly status: number;
  /** The code of an error; undefined where it went well. */
  readonly code: Code | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** Turns a call's answer into HTTP's: canonical JSON of the response, or of its `response_body`. */
export function render(route: Route, answer: RpcAnswer, registry: Registry): Reply {
  const json = toJson(route.method.output, answer.message, { registry });
  const body = route.responseBody === undefined ? json : pickField(route.method.output, route.responseBody, json);
  return jsonReply(200, undefined, toAnswerHeaders(answer.header, answer.trailer), body);
}

/** An answer with a JSON body, and the content type after all other headers. */
export function jsonReply(status: number, code: Code | undefined, headers: Reply["headers"], body: JsonValue): Reply {
  return {
    status,
    code,
    headers: [...headers, ["content-type", `${JSON_TYPE}; charset=utf-8`]],
    body: JSON.stringify(body),
  };
}

/** JSON leaves out what is empty; an answer that is nothing but the field has to say so. */
function pickField(output: DescMessage, field: DescField, json: JsonValue): JsonValue {
  const present = (json as Record<string, JsonValue>)[field.jsonName];
  if (present !== undefined) return present;
  if (field.fieldKind === "message") return hasCustomJsonRepresentation(field.message) ? null : {};
  const zero = toJson(output, create(output), { alwaysEmitImplicit: true }) as Record<string, JsonValue>;
  return zero[field.jsonName] ?? null;
}
