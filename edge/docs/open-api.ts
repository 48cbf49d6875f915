import type { DescEnum, DescMethodUnary, DescService, JsonObject } from "@bufbuild/protobuf";
import type { FileDescriptorSet } from "@bufbuild/protobuf/wkt";
import { readBindings } from "../transcode/routing/http-rule.ts";
import { createRoute, type Route } from "../transcode/routing/route.ts";
import { isUnary } from "../transcode/unary-method.ts";
import { type Components, createComponents } from "./components.ts";
import { describe, withDescription } from "./description.ts";
import { ERROR_RESPONSE, errorSchemas } from "./error-schema.ts";
import { expandPath } from "./expanded-path.ts";
import { createOperation } from "./operation.ts";
import { type ProtoComments, readComments } from "./proto-comments.ts";
import { readResourcePatterns } from "./resource-pattern.ts";

export type OpenApiOptions = {
  readonly services: readonly DescService[];
  readonly title: string;
  readonly version: string;
  /** Markdown. */
  readonly description: string;
  /** The services' files with source info, out of which descriptions come. Default: no descriptions. */
  readonly source?: FileDescriptorSet;
  /** The values of an ErrorInfo's `reason`. Default: any text. */
  readonly errorReasons?: DescEnum;
  /** Header → request field, as given to `transcode`. Default: none. */
  readonly headerFields?: Readonly<Record<string, string>>;
};

/**
 * Makes the OpenAPI 3.1 document of what `transcode` serves: the methods with a `google.api.http` option.
 *
 * @throws Error what is wrong with an annotation
 */
export function createOpenApi(options: OpenApiOptions): JsonObject {
  const { services, title, version, description, errorReasons } = options;
  const comments: ProtoComments = options.source === undefined ? new Map() : readComments(options.source);
  const components = createComponents(comments, errorSchemas(errorReasons, comments));
  return {
    openapi: "3.1.0",
    info: { title, version, description },
    security: [{ bearer: [] }],
    tags: services.map((service) => ({ name: service.name, ...withDescription(describe(service, comments)) })),
    paths: createPaths(services, options.headerFields ?? {}, components),
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      responses: { Error: ERROR_RESPONSE },
      schemas: components.schemas,
    },
  };
}

function createPaths(
  services: readonly DescService[],
  headerFields: Readonly<Record<string, string>>,
  components: Components,
): JsonObject {
  const patterns = readResourcePatterns(services);
  const paths: Record<string, JsonObject> = {};
  for (const method of services.flatMap((service) => service.methods).filter(isUnary)) {
    for (const [index, route] of readRoutes(method, headerFields).entries()) {
      const { path, parameters } = expandPath(route, patterns, components);
      const id = `${method.parent.name}_${method.name}${index === 0 ? "" : `_${index + 1}`}`;
      const operation = createOperation(route, id, parameters, components);
      paths[path] = { ...paths[path], [route.httpMethod.toLowerCase()]: operation };
    }
  }
  return paths;
}

function readRoutes(method: DescMethodUnary, headerFields: Readonly<Record<string, string>>): Route[] {
  const routes = readBindings(method).map((binding) => createRoute(method, binding, headerFields));
  return routes.filter(({ httpMethod }) => describable.has(httpMethod));
}

/** The methods that OpenAPI has a place for. */
const describable = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);
