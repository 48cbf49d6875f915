import type { JsonObject } from "@bufbuild/protobuf";

/** As much of the document's form as the tests read. */
export type OpenApiDocument = JsonObject & {
  info: { title: string; version: string; description: string };
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

export type Operation = {
  operationId: string;
  tags: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, { content: Content; $ref?: string }>;
};

export type Parameter = {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description?: string;
  style?: string;
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
};

type Content = { "application/json": { schema: Schema } };

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

/** The schema of a request's JSON body. */
export function bodySchema({ requestBody }: Operation): Schema | undefined {
  return requestBody?.content["application/json"].schema;
}

/** The schema of what a call that went well answers. */
export function answerSchema({ responses }: Operation): Schema | undefined {
  return responses["200"]?.content["application/json"].schema;
}
