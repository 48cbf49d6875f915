export { readDescriptorSet } from "./descriptor-set.ts";
export { type DocsOptions, docsRoutes } from "./docs-routes.ts";
export { createOpenApi } from "./open-api.ts";
