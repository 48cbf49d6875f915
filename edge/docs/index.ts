export { readDescriptorSet } from "./descriptor-set.ts";
export { type DocsOptions, docsRoutes } from "./docs-routes.ts";
export { createOpenApi, type OpenApiOptions } from "./open-api.ts";
