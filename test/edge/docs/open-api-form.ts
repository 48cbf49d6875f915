/** The Schema Object is left to Ajv's own 2020-12 meta-schema. */
const schema = { type: "object" };

const text = { type: "string", minLength: 1 };

function closed(required: readonly string[], properties: object): object {
  return { type: "object", additionalProperties: false, required, properties };
}

const content = {
  type: "object",
  minProperties: 1,
  propertyNames: { pattern: "^[a-z]+/[a-z+-]+$" },
  additionalProperties: closed(["schema"], { schema }),
};

const reference = closed(["$ref"], { $ref: { type: "string", pattern: "^#/components/" } });

const response = closed(["description"], { description: text, content });

const parameter = {
  ...closed(["name", "in", "schema"], {
    name: text,
    in: { enum: ["path", "query", "header"] },
    description: text,
    required: { type: "boolean" },
    deprecated: { type: "boolean" },
    style: { enum: ["deepObject", "form"] },
    explode: { type: "boolean" },
    schema,
  }),
  if: { properties: { in: { const: "path" } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ["required"], properties: { required: { const: true } } },
};

const operation = closed(["operationId", "tags", "responses"], {
  operationId: { type: "string", pattern: "^[A-Za-z0-9_]+$" },
  tags: { type: "array", minItems: 1, items: text },
  summary: text,
  description: text,
  deprecated: { type: "boolean" },
  parameters: { type: "array", minItems: 1, items: parameter },
  requestBody: closed(["content"], { description: text, required: { type: "boolean" }, content }),
  responses: {
    type: "object",
    required: ["200", "default"],
    propertyNames: { pattern: "^([1-5][0-9]{2}|default)$" },
    additionalProperties: { anyOf: [response, reference] },
  },
});

const verbs = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** The form of an OpenAPI 3.1 document, of what this one uses (https://spec.openapis.org/oas/v3.1.0, 4.8). */
export const openApiForm = closed(["openapi", "info", "paths", "components"], {
  openapi: { const: "3.1.0" },
  info: closed(["title", "version"], { title: text, version: text, description: { type: "string" } }),
  security: { type: "array", items: { type: "object", additionalProperties: { type: "array" } } },
  tags: { type: "array", items: closed(["name"], { name: text, description: text }) },
  paths: {
    type: "object",
    propertyNames: { pattern: "^/" },
    additionalProperties: closed([], Object.fromEntries(verbs.map((verb) => [verb, operation]))),
  },
  components: closed(["schemas"], {
    securitySchemes: {
      type: "object",
      additionalProperties: closed(["type", "scheme"], { type: { const: "http" }, scheme: { const: "bearer" } }),
    },
    responses: { type: "object", additionalProperties: response },
    schemas: { type: "object", propertyNames: { pattern: "^[a-zA-Z0-9._-]+$" }, additionalProperties: schema },
  }),
});
