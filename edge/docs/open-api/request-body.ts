import type { DescField, JsonObject } from "@bufbuild/protobuf";
import { NDJSON_TYPES, type Route, takesStream } from "../../transcode/index.ts";
import type { Components } from "../schema/components.ts";
import { describeField, withDescription } from "../schema/description.ts";
import { isRequired } from "../schema/field-behavior.ts";
import { fieldSchema } from "../schema/field-schema.ts";
import { messageSchema } from "../schema/message-schema.ts";
import { wellKnownSchema } from "../schema/well-known-schema.ts";
import { anyBytes } from "./any-bytes.ts";

/** What a request's body is, where the route has one. */
export function requestBody(route: Route, components: Components): { requestBody?: JsonObject } {
  const { body } = route;
  if (body.kind === "none") return {};
  const comment = body.kind === "field" ? describeField(body.field, components.comments) : "";
  const streamed = takesStream(route.method) && !body.raw;
  return {
    requestBody: {
      ...withDescription(comment, streamed ? "A JSON document a line, each a message of the stream." : ""),
      required: isBodyRequired(route),
      content: body.raw ? anyBytes : jsonContent(route, streamed ? NDJSON_TYPES[0] : "application/json", components),
    },
  };
}

function isBodyRequired(route: Route): boolean {
  return route.body.kind === "field" ? isRequired(route.body.field) : unboundFields(route).some(isRequired);
}

function jsonContent(route: Route, type: string, components: Components): JsonObject {
  const { body } = route;
  const example = components.examples.body(route);
  const schema = body.kind === "field" ? fieldBody(route, body.field, components) : wholeBody(route, components);
  return { [type]: { schema, ...(example !== undefined && { example }) } };
}

/** The body is the request, less what the path says already. */
function wholeBody(route: Route, components: Components): JsonObject {
  const { input } = route.method;
  const fields = unboundFields(route);
  if (fields.length < input.fields.length) return messageSchema(input, components, fields);
  return wellKnownSchema(input) ?? components.refer(input);
}

/** A PATCH changes what its body names: nothing in it is required. */
function fieldBody(route: Route, field: DescField, components: Components): JsonObject {
  const schema = fieldSchema(field, components);
  const partial =
    route.httpMethod === "PATCH" && field.fieldKind === "message" && field.message.fields.some(isRequired);
  if (!partial || wellKnownSchema(field.message) !== undefined) return schema;
  const { required, ...rest } = messageSchema(field.message, components);
  return rest;
}

function unboundFields({ method, captures }: Route): DescField[] {
  const captured = captures.map(({ path }) => path.name);
  return method.input.fields.filter((field) => !captured.includes(field.name));
}
