import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** As much of the document's form as the tests read. */
export type OpenApiDocument = JsonObject & {
  info: { title: string; version: string; description: string };
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    responses: Record<string, Answer>;
    securitySchemes: Record<string, JsonObject>;
  };
};

export type Operation = {
  operationId: string;
  tags: string[];
  summary?: string;
  description?: string;
  deprecated?: boolean;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; description?: string; content: Content };
  responses: Record<string, Answer & { $ref?: string }>;
};

export type Answer = { description: string; content: Content; headers?: Record<string, { schema: Schema }> };

export type Parameter = {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  deprecated?: boolean;
  description?: string;
  style?: string;
  example?: JsonValue;
  schema: Schema;
};

export type Schema = JsonObject & {
  type?: string;
  $ref?: string;
  description?: string;
  enum?: string[];
  pattern?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  examples?: JsonValue[];
  deprecated?: boolean;
};

export type Media = { schema: Schema; example?: JsonValue; examples?: Record<string, { value: JsonValue }> };

type Content = Record<string, Media>;

export type Endpoint = { path: string; httpMethod: string; operation: Operation };

/** All operations, with their paths and methods (in capitals). */
export function listEndpoints({ paths }: OpenApiDocument): Endpoint[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, httpMethod: method.toUpperCase(), operation })),
  );
}

/** The operation of that id. */
export function findOperation(document: OpenApiDocument, id: string): Operation {
  const found = listEndpoints(document).find(({ operation }) => operation.operationId === id);
  if (found === undefined) throw new Error(`there is no operation ${id}`);
  return found.operation;
}

/** The names of an operation's parameters that are in one place. */
export function parameterNames({ parameters = [] }: Operation, place: Parameter["in"]): string[] {
  return parameters.filter((parameter) => parameter.in === place).map(({ name }) => name);
}

/** The parameter of that name. */
export function findParameter(document: OpenApiDocument, id: string, name: string): Parameter | undefined {
  return findOperation(document, id).parameters?.find((candidate) => candidate.name === name);
}

/** The schema of a request's JSON body. */
export function bodySchema({ requestBody }: Operation): Schema | undefined {
  return requestBody?.content["application/json"]?.schema;
}

/** The schema of what a call that went well answers as JSON. */
export function answerSchema({ responses }: Operation): Schema | undefined {
  return responses["200"]?.content["application/json"]?.schema;
}

/** The answers of an operation to calls that fail, by HTTP status. */
export function errorAnswers({ components }: OpenApiDocument, { responses }: Operation): Record<string, Answer> {
  const named = Object.entries(responses).flatMap(([status, { $ref }]) => {
    const answer = $ref === undefined ? undefined : components.responses[$ref.split("/").at(-1) ?? ""];
    return answer === undefined ? [] : [[status, answer] as const];
  });
  return Object.fromEntries(named);
}

/** The value that an operation's parameter has in a call made after its examples; undefined where it has none. */
export function exampleOf({ example, schema }: Parameter): JsonValue | undefined {
  return example ?? schema.examples?.[0];
}
