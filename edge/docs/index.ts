export { readDescriptorSet } from "./descriptor-set.ts";
export type { ErrorCatalog, ErrorExamples } from "./errors/error-reason.ts";
export { type Example, type ExampleOptions, example } from "./example/example-table.ts";
export { createOpenApi } from "./open-api/open-api.ts";
export type { Security } from "./open-api/security.ts";
export { type DocsOptions, docsRoutes } from "./page/docs-routes.ts";
