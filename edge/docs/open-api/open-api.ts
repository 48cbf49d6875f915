import type { DescMethod, DescService, JsonObject } from "@bufbuild/protobuf";
import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";
import { readBindings } from "../../transcode/routing/http-rule.ts";
import { createRoute, type Route } from "../../transcode/routing/route.ts";
import { type ErrorCatalog, readReasons } from "../errors/error-reason.ts";
import { createErrorResponses } from "../errors/error-responses.ts";
import { errorSchemas } from "../errors/error-schema.ts";
import type { ExampleOptions } from "../example/example-table.ts";
import { Examples } from "../example/examples.ts";
import { createComponents } from "../schema/components.ts";
import { describe, withDescription } from "../schema/description.ts";
import { type ProtoComments, readComments } from "../schema/proto-comments.ts";
import { expandPath } from "./expanded-path.ts";
import { createOperation, type DocumentParts } from "./operation.ts";
import { type Resource, readResources } from "./resource-pattern.ts";
import { bearer, type Security } from "./security.ts";

export type OpenApiOptions = {
  readonly services: readonly DescService[];
  readonly title: string;
  readonly version: string;
  /** Markdown. */
  readonly description: string;
  /** SPDX identifier. Default: none. */
  readonly license?: string;
  /** The services' files with source info, out of which descriptions come. Default: no descriptions. */
  readonly source?: FileDescriptorSet;
  /** Why calls fail. Default: the transcoder's own reasons. */
  readonly errors?: ErrorCatalog;
  /** Default: examples made from the descriptors alone. */
  readonly examples?: ExampleOptions;
  /** Default: a bearer key. */
  readonly security?: Security;
  /** Header → request field, as given to `transcode`. Default: none. */
  readonly headerFields?: Readonly<Record<string, string>>;
};

/**
 * Makes the OpenAPI 3.1 document of what `transcode` serves: the methods with a `google.api.http` option.
 *
 * @throws Error what is wrong with an annotation
 */
export function createOpenApi(options: OpenApiOptions): JsonObject {
  const { services, title, version, description, license, errors, security = bearer } = options;
  const comments: ProtoComments = options.source === undefined ? new Map() : readComments(options.source);
  const resources = readResources(services);
  const examples = new Examples(resources, options.examples);
  const components = createComponents(comments, examples, errorSchemas(errors?.reasons, comments));
  const responses = createErrorResponses(readReasons(errors, comments), errors?.examples);
  const parts = { components, errors: responses, security };
  return {
    openapi: "3.1.0",
    info: {
      title,
      version,
      description,
      ...(license !== undefined && { license: { name: license, identifier: license } }),
    },
    servers: [{ url: "./", description: "This server" }],
    security: Object.keys(security.schemes).map((name) => ({ [name]: [] })),
    tags: services.map((service) => ({ name: service.name, ...withDescription(describe(service, comments)) })),
    paths: createPaths(services, options.headerFields ?? {}, resources, parts),
    components: { securitySchemes: security.schemes, responses: responses.responses, schemas: components.schemas },
  };
}

function createPaths(
  services: readonly DescService[],
  headerFields: Readonly<Record<string, string>>,
  resources: readonly Resource[],
  parts: DocumentParts,
): JsonObject {
  const patterns = resources.flatMap((resource) => resource.patterns);
  const paths: Record<string, JsonObject> = {};
  for (const method of services.flatMap((service) => service.methods)) {
    for (const [index, route] of readRoutes(method, headerFields).entries()) {
      const { path, parameters } = expandPath(route, patterns, parts.components);
      const id = `${method.parent.name}_${method.name}${index === 0 ? "" : `_${index + 1}`}`;
      const operation = createOperation(route, id, parameters, parts);
      paths[path] = { ...paths[path], [route.httpMethod.toLowerCase()]: operation };
    }
  }
  return paths;
}

function readRoutes(method: DescMethod, headerFields: Readonly<Record<string, string>>): Route[] {
  const routes = readBindings(method).map((binding) => createRoute(method, binding, headerFields));
  return routes.filter(({ httpMethod }) => describable.has(httpMethod));
}

/** The methods that OpenAPI has a place for. */
const describable = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);
