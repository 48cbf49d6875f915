import type { DescField, JsonObject } from "@bufbuild/protobuf";
import type { Route } from "../transcode/routing/route.ts";
import type { Components } from "./components.ts";
import { describe, describeField, withDescription } from "./description.ts";
import { isRequired } from "./field-behavior.ts";
import { fieldSchema } from "./field-schema.ts";
import { messageSchema } from "./message-schema.ts";
import { headerParameters, queryParameters } from "./parameters.ts";
import { wellKnownSchema } from "./well-known-schema.ts";

/** The operation of a route whose path parameters are known. */
export function createOperation(
  route: Route,
  operationId: string,
  pathParameters: readonly JsonObject[],
  components: Components,
): JsonObject {
  const { method } = route;
  const comment = describe(method, components.comments);
  const summary = /^.*?(?=[.:;](\s|$))/s.exec(comment)?.[0] ?? comment;
  const parameters = [...pathParameters, ...queryParameters(route, components), ...headerParameters(route, components)];
  return {
    operationId,
    tags: [method.parent.name],
    ...(summary !== "" && { summary }),
    ...withDescription(comment === `${summary}.` ? "" : comment),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(route, components),
    responses: {
      200: { description: "The call succeeded.", content: json(responseSchema(route, components)) },
      default: { $ref: "#/components/responses/Error" },
    },
    ...(method.deprecated && { deprecated: true }),
  };
}

function responseSchema({ method, responseBody }: Route, components: Components): JsonObject {
  if (responseBody !== undefined) return fieldSchema(responseBody, components);
  return wellKnownSchema(method.output) ?? components.refer(method.output);
}

function requestBody(route: Route, components: Components): { requestBody?: JsonObject } {
  const { body, method } = route;
  if (body.kind === "none") return {};
  if (body.kind === "request") {
    const fields = unboundFields(route, method.input.fields);
    const required = fields.some(isRequired);
    return { requestBody: { required, content: json(wholeSchema(route, fields, components)) } };
  }
  return {
    requestBody: {
      ...withDescription(describeField(body.field, components.comments)),
      required: isRequired(body.field),
      content: json(bodyFieldSchema(route, body.field, components)),
    },
  };
}

/** The body is the request, less what the path says already. */
function wholeSchema({ method }: Route, fields: readonly DescField[], components: Components): JsonObject {
  if (fields.length === method.input.fields.length) {
    return wellKnownSchema(method.input) ?? components.refer(method.input);
  }
  return messageSchema(method.input, components, fields);
}

/** A PATCH changes what its body names: nothing in it is required. */
function bodyFieldSchema(route: Route, field: DescField, components: Components): JsonObject {
  const schema = fieldSchema(field, components);
  const partial =
    route.httpMethod === "PATCH" && field.fieldKind === "message" && field.message.fields.some(isRequired);
  if (!partial || wellKnownSchema(field.message) !== undefined) return schema;
  const { required, ...rest } = messageSchema(field.message, components);
  return rest;
}

function unboundFields({ captures }: Route, fields: readonly DescField[]): DescField[] {
  const captured = captures.map(({ path }) => path.name);
  return fields.filter((field) => !captured.includes(field.name));
}

function json(schema: JsonObject): JsonObject {
  return { "application/json": { schema } };
}
