import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { answersWithStream, NDJSON_TYPES, type Route } from "../../transcode/index.ts";
import type { Components } from "../schema/components.ts";
import { fieldSchema } from "../schema/field-schema.ts";
import { wellKnownSchema } from "../schema/well-known-schema.ts";
import { anyBytes } from "./any-bytes.ts";
import { answerTag } from "./entity-tag.ts";

/** The answer of a call that goes well. */
export function answer(route: Route, components: Components): JsonObject {
  const headers = answerTag(route, components);
  const streamed = answersWithStream(route.method);
  return {
    description: streamed && !route.rawAnswer ? STREAM : "The call succeeded.",
    ...(headers !== undefined && { headers }),
    content: route.rawAnswer ? anyBytes : jsonContent(route, streamed, components),
  };
}

const STREAM = `The messages of the stream as they come, in the form that \`Accept\` prefers: the items of a JSON array, a
JSON document a line, or the \`data\` of server-sent events.

An error that comes after the first message is the last item or line, or an event named \`error\`. Events end with one
named \`end\`.`;

function jsonContent(route: Route, streamed: boolean, components: Components): JsonObject {
  const schema = answerSchema(route, components);
  const example = components.examples.answer(route);
  if (!streamed) return { "application/json": media(schema, example) };
  const item = { anyOf: [schema, { $ref: "#/components/schemas/Error" }] };
  return {
    "application/json": media({ type: "array", items: item }, example === undefined ? undefined : [example]),
    [NDJSON_TYPES[0]]: media({ ...item, description: "A line." }, example),
    "text/event-stream": media({ ...item, description: "The data of an event." }, example),
  };
}

function media(schema: JsonObject, example: JsonValue | undefined): JsonObject {
  return { schema, ...(example !== undefined && { example }) };
}

function answerSchema({ method, responseBody }: Route, components: Components): JsonObject {
  if (responseBody !== undefined) return fieldSchema(responseBody, components);
  return wellKnownSchema(method.output) ?? components.refer(method.output);
}
