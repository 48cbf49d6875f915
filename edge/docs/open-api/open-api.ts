import type { DescService, JsonObject } from "@bufbuild/protobuf";
import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";
import { compileRoutes, type Route } from "../../transcode/index.ts";
import { type ErrorCatalog, readReasons } from "../errors/error-reason.ts";
import { createErrorResponses } from "../errors/error-responses.ts";
import { errorSchemas } from "../errors/error-schema.ts";
import type { ExampleOptions } from "../example/example-table.ts";
import { Examples } from "../example/examples.ts";
import { createComponents } from "../schema/components.ts";
import { describe, withDescription } from "../schema/description.ts";
import { readComments } from "../schema/proto-comments.ts";
import { expandPath } from "./expanded-path.ts";
import { createOperation, type DocumentParts } from "./operation.ts";
import { type Resource, readResources } from "./resource-pattern.ts";
import type { Security } from "./security.ts";

export type OpenApiOptions = {
  readonly services: readonly DescService[];
  readonly title: string;
  readonly version: string;
  /** Markdown. */
  readonly description: string;
  /** SPDX identifier. */
  readonly license: string;
  /** The services' files with source info: their comments are the descriptions. */
  readonly source: FileDescriptorSet;
  /** Why calls fail. */
  readonly errors: ErrorCatalog;
  readonly examples: ExampleOptions;
  readonly security: Security;
  /** Header → request field, as given to `transcode`. */
  readonly headerFields: Readonly<Record<string, string>>;
};

/**
 * Makes the OpenAPI 3.1 document of what `transcode` serves: the methods with a `google.api.http` option.
 *
 * @throws Error for annotations that are wrong or ambiguous, a line each, naming the method, as `transcode` does
 */
export function createOpenApi(options: OpenApiOptions): JsonObject {
  const { services, title, version, description, license, errors, security } = options;
  const { routes } = compileRoutes(services, options.headerFields);
  const comments = readComments(options.source);
  const resources = readResources(services);
  const examples = new Examples(resources, options.examples);
  const components = createComponents(comments, examples, errorSchemas(errors.reasons, comments));
  const responses = createErrorResponses(readReasons(errors, comments), errors.examples);
  return {
    openapi: "3.1.0",
    info: { title, version, description, license: { name: license, identifier: license } },
    servers: [{ url: "./", description: "This server" }],
    security: Object.keys(security.schemes).map((name) => ({ [name]: [] })),
    tags: services.map((service) => ({ name: service.name, ...withDescription(describe(service, comments)) })),
    paths: createPaths(routes, resources, { components, errors: responses, security }),
    components: { securitySchemes: security.schemes, responses: responses.responses, schemas: components.schemas },
  };
}

function createPaths(routes: readonly Route[], resources: readonly Resource[], parts: DocumentParts): JsonObject {
  const patterns = resources.flatMap((resource) => resource.patterns);
  const described = routes.filter(({ httpMethod }) => describable.has(httpMethod));
  const paths: Record<string, JsonObject> = {};
  for (const route of described) {
    const { path, parameters } = expandPath(route, patterns, parts.components);
    const operation = createOperation(route, operationId(route, described), parameters, parts);
    paths[path] = { ...paths[path], [route.httpMethod.toLowerCase()]: operation };
  }
  return paths;
}

/** The methods that OpenAPI has a place for. */
const describable = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);

/** `ChatService_GetChat`; for a method's second route `ChatService_GetChat_2`. */
function operationId(route: Route, routes: readonly Route[]): string {
  const { method } = route;
  const index = routes.filter((other) => other.method === method).indexOf(route);
  return `${method.parent.name}_${method.name}${index === 0 ? "" : `_${index + 1}`}`;
}
